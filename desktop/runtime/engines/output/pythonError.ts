import { parseLine } from './parseLine.ts'

/**
 * The line of a Python traceback that says what happened, e.g. "ValueError: no such thing"; undefined when there is none.
 * What was thrown before the scene was read does not count: add-ons that a system's Blender starts with may fail and stop nothing.
 */
export function pythonErrorIn(lines: readonly string[]): string | undefined {
  const read = lines.findLastIndex((line) => parseLine(line).kind === 'read')
  return lines
    .slice(read + 1)
    .findLast((line) => /^\w*(?:Error|Exception|Interrupt)\b: ?/.test(line) && !line.startsWith('Error:'))
    ?.slice(0, 300)
}
