/** Letters that are read from the right (Hebrew, Arabic and their kin), and the marks that turn the direction of what follows. */
const turning = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u
const [firstStrong, pop] = ['\u2068', '\u2069']

/**
 * A value as it stands in a sentence of another direction: set apart, so that the sentence around it keeps its order, whatever the value opens and
 * does not close. A value without such letters is given back as it is, and so is what is no text.
 */
export function isolated<Value>(value: Value): Value | string {
  return typeof value === 'string' && turning.test(value) ? firstStrong + closed(value) + pop : value
}

/** The values that fill a sentence. */
export const isolatedValues = <Value>(values: Readonly<Record<string, Value>>): Record<string, Value | string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, isolated(value)]))

/** Without what would end the setting apart too early, and with what ends those of its own. */
function closed(text: string): string {
  let depth = 0
  let out = ''
  for (const letter of text) {
    if (letter === pop && depth === 0) continue
    if (letter >= '\u2066' && letter <= firstStrong) depth += 1
    else if (letter === pop) depth -= 1
    out += letter
  }
  return out + pop.repeat(depth)
}
