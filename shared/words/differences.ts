/** All sentences of a language, by their key. */
export function leaves(words: object, prefix = ''): [key: string, text: string][] {
  return Object.entries(words).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'string' ? [[prefix + key, value] as [string, string]] : leaves(value as object, `${prefix}${key}.`),
  )
}

/** What a language lacks, has too much, or fills in differently from the one it is measured by; nothing when both agree. */
export function differences(measure: object, words: object): string[] {
  const wanted = new Map(leaves(measure))
  const given = new Map(leaves(words))
  const missing = [...wanted.keys()].filter((key) => !given.has(key)).map((key) => `${key} is missing`)
  const superfluous = [...given.keys()].filter((key) => !wanted.has(key)).map((key) => `${key} is superfluous`)
  const different = [...given].flatMap(([key, text]) => {
    const original = wanted.get(key)
    if (original === undefined || placeholders(original) === placeholders(text)) return []
    return [`${key} has ${placeholders(text) || 'no placeholder'} instead of ${placeholders(original) || 'none'}`]
  })
  return [...missing, ...superfluous, ...different]
}

/** Languages differ in how many forms they count with, so what counts is which placeholders occur in any of them. */
const placeholders = (text: string): string => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join(' ')
