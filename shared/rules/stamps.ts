/**
 * Hybrid logical clock stamps: `<milliseconds>-<counter>-<writer>`, both numbers in base 36 and padded so that comparing the texts
 * compares the stamps. A writer's next stamp is later than everything it has seen, even when its clock runs behind.
 */
const timeLetters = 9
const counterLetters = 4
const counterLimit = 36 ** counterLetters - 1

export interface Stamp {
  timeMs: number
  counter: number
  writer: string
}

export function formatStamp({ timeMs, counter, writer }: Stamp): string {
  return `${Math.max(0, Math.floor(timeMs)).toString(36).padStart(timeLetters, '0')}-${counter.toString(36).padStart(counterLetters, '0')}-${writer}`
}

/** null for anything that is not a stamp: such a field counts as never stamped. */
export function parseStamp(text: string): Stamp | null {
  const parts = /^([0-9a-z]{9})-([0-9a-z]{4})-(.{0,80})$/.exec(text)
  if (parts === null) return null
  const [, time = '', counter = '', writer = ''] = parts
  return { timeMs: Number.parseInt(time, 36), counter: Number.parseInt(counter, 36), writer }
}

/** The stamp after everything in `seen`, at `nowMs` or later. */
export function nextStamp(seen: Iterable<string>, nowMs: number, writer: string): string {
  let timeMs = Math.floor(nowMs)
  let counter = 0
  for (const text of seen) {
    const stamp = parseStamp(text)
    if (stamp === null || stamp.timeMs < timeMs) continue
    counter = stamp.timeMs > timeMs ? stamp.counter + 1 : Math.max(counter, stamp.counter + 1)
    timeMs = stamp.timeMs
    if (counter > counterLimit) {
      timeMs += 1
      counter = 0
    }
  }
  return formatStamp({ timeMs, counter, writer })
}
