import type { JsonObject, JsonValue } from '../json.ts'

/**
 * Fields that are made of parts of their own stamps: two edits of different parts at the same moment both stay. `*` is any one name.
 * All other fields are one part each, whatever is in them.
 */
const madeOfParts: readonly (readonly string[])[] = [['wanted'], ['wanted', 'preferences'], ['preferencesByTag'], ['preferencesByTag', '*']]

/** Parts that mean something only together: who changes one has decided about all of them. By the name of the field that holds them. */
const together: readonly (readonly string[])[] = [
  ['pause', 'pauseUntil'],
  ['maxTemperatureC', 'resumeTemperatureC'],
]

/** Counters only grow: the higher one stays, whoever wrote last. */
const counters = new Set(['wanted/generation'])
export const isCounter = (path: string): boolean => counters.has(path)

/** Names of parts are joined like a JSON pointer, because tags may hold any character. */
const escape = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')
const unescape = (name: string): string => name.replaceAll('~1', '/').replaceAll('~0', '~')
const pathOf = (names: readonly string[]): string => names.map(escape).join('/')
const namesOf = (path: string): string[] => path.split('/').map(unescape)

const isContainer = (names: readonly string[]): boolean =>
  madeOfParts.some((one) => one.length === names.length && one.every((name, index) => name === '*' || name === names[index]))

export interface Parts {
  /** Every part that has a value, by its path. */
  values: Map<string, JsonValue>
  /** Fields made of parts that are there, also with nothing in them. */
  containers: Set<string>
}

/** Takes a document apart. What should be made of parts and is not counts as empty; schemas refuse it before. */
export function partsOf(document: JsonObject): Parts {
  const parts: Parts = { values: new Map(), containers: new Set() }
  const walk = (value: JsonObject, above: readonly string[]) => {
    for (const [name, inside] of Object.entries(value)) {
      const names = [...above, name]
      if (!isContainer(names)) parts.values.set(pathOf(names), inside)
      else {
        parts.containers.add(pathOf(names))
        if (typeof inside === 'object' && inside !== null && !Array.isArray(inside)) walk(inside, names)
      }
    }
  }
  walk(document, [])
  return parts
}

/** The opposite of `partsOf`. */
export function documentOf({ values, containers }: Parts): JsonObject {
  const document: JsonObject = Object.create(null) as JsonObject
  const inside = (names: readonly string[]): JsonObject => {
    let at = document
    for (const name of names) {
      const found = at[name]
      // Safe: fields made of parts are only ever made here.
      if (found !== undefined) at = found as JsonObject
      else at = at[name] = Object.create(null) as JsonObject
    }
    return at
  }
  for (const path of containers) inside(namesOf(path))
  for (const [path, value] of values) {
    const names = namesOf(path)
    inside(names.slice(0, -1))[names.at(-1) ?? ''] = value
  }
  return plain(document)
}

/** Names such as `__proto__` were kept as what they are; what comes out is an ordinary object again. */
function plain(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([name, inside]) => [
      name,
      typeof inside === 'object' && inside !== null && !Array.isArray(inside) && Object.getPrototypeOf(inside) === null
        ? plain(inside)
        : inside,
    ]),
  )
}

/** The fields above a part, nearest last: a stamp of theirs is from a version that did not know parts, and counts for all in them. */
export function above(path: string): string[] {
  const names = path.split('/')
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'))
}

/** A part with those that are decided together with it. */
export function decidedWith(path: string): string[] {
  const names = path.split('/')
  const last = names.pop() ?? ''
  const group = names.length === 0 ? undefined : together.find((one) => one.includes(last))
  return (group ?? [last]).map((name) => [...names, name].join('/'))
}
