import type { JsonValue } from '#shared/json.ts'

const maxDepth = 40

/** Why CouchDB could not take this document, although its schema may; null: it can. Asked before it goes out together with others. */
export function unstorable(document: object, body: string): string | null {
  for (const field in document) if (field.startsWith('_')) return `the field ${field.slice(0, 40)} begins with an underscore`
  // A member that readers who copy by assignment would take for the object's prototype.
  if (body.includes('"__proto__":')) return 'a member is called __proto__'
  // JSON.stringify writes half a surrogate pair as an escape; CouchDB refuses such text.
  if (/\\ud[89a-f]/i.test(body) && hasLoneSurrogate(document as JsonValue)) return 'it holds text that is not Unicode'
  return depthWithin(document as JsonValue, maxDepth) ? null : 'it is nested too deeply'
}

function hasLoneSurrogate(value: JsonValue): boolean {
  if (typeof value === 'string') return !value.isWellFormed()
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([name, member]) => !name.isWellFormed() || hasLoneSurrogate(member))
}

function depthWithin(value: JsonValue, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  for (const member of Array.isArray(value) ? value : Object.values(value)) if (!depthWithin(member, depth - 1)) return false
  return true
}
