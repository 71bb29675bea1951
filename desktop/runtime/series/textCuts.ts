const newline = 10

/** Drops an unfinished UTF-8 character at the end, unless that is all there is. */
export function cutToText(bytes: Buffer): Buffer {
  let start = bytes.length - 1
  while (start >= 0 && start > bytes.length - 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1
  const lead = bytes[start] ?? 0
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1
  return start > 0 && start + length > bytes.length ? bytes.subarray(0, start) : bytes
}

/**
 * Cuts the beginning to that of a line. The first `lead` bytes stand before what was asked for: when they end in a newline, what was
 * asked for begins a line. A piece without any newline stays whole.
 */
export function cutToLine(bytes: Buffer, lead: number): { bytes: Buffer; skipped: number } {
  const asked = bytes.subarray(lead)
  if (lead === 0 || bytes[lead - 1] === newline) return { bytes: asked, skipped: 0 }
  const next = asked.indexOf(newline)
  const skipped = next < 0 || next === asked.length - 1 ? firstCharacter(asked) : next + 1
  return { bytes: asked.subarray(skipped), skipped }
}

function firstCharacter(bytes: Buffer): number {
  let index = 0
  while (index < bytes.length && ((bytes[index] ?? 0) & 0xc0) === 0x80) index += 1
  return index
}
