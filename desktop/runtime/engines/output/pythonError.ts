/** The line of a Python traceback that says what happened, e.g. "ValueError: no such thing"; undefined when there is none. */
export function pythonErrorIn(lines: readonly string[]): string | undefined {
  return lines.findLast((line) => /^\w*(?:Error|Exception|Interrupt)\b: ?/.test(line) && !line.startsWith('Error:'))?.slice(0, 300)
}
