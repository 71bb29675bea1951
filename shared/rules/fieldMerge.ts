import { durations } from '../durations.ts'
import { canonicalJson, jsonEquals, type JsonObject, type JsonValue } from '../json.ts'
import { above, decidedWith, documentOf, isCounter, partsOf, type Parts } from './documentParts.ts'
import { formatStamp, nextStamp, parseStamp } from './stamps.ts'

/** A document whose fields carry stamps (see stamps.ts): `profile` and `workers`, which two dashboards may edit at the same time. */
export interface Stamped extends JsonObject {
  id: string
  stamps: Record<string, string>
  updatedAt: number
}

/** Never stamped: they say which document it is, or follow from the rest. */
const unstamped = new Set(['id', 'ownerId', 'createdAt', 'stamps', 'updatedAt', '_deleted'])

/**
 * Puts `changes` into the document and stamps each changed part (see documentParts.ts). `undefined` takes a field away. Parts that stay
 * equal keep their stamp. A field made of parts is given whole: what is not in it any more is taken away.
 * @param writer the id of who edits (a dashboard, a node): decides between stamps of the same instant
 */
export function stampFields<Document extends object>(
  document: Document,
  changes: { [Field in keyof Document]?: Document[Field] | undefined },
  clock: { now(): number },
  writer: string,
): Document {
  const source = document as unknown as JsonObject
  const changed = { ...source } as Record<string, JsonValue | undefined>
  for (const [field, value] of Object.entries(changes) as [string, JsonValue | undefined][])
    if (!unstamped.has(field)) {
      if (value === undefined) delete changed[field]
      else changed[field] = value
    }
  const before = partsOf(source).values
  const after = partsOf(withoutUndefined(changed)).values
  const stamps = { ...stampsOf(source) }
  const nowMs = clock.now()
  const stamp = nextStamp(Object.values(stamps), nowMs, writer)
  for (const path of new Set([...before.keys(), ...after.keys()]))
    if (!unstamped.has(path) && !jsonEquals(before.get(path), after.get(path)))
      for (const decided of decidedWith(path)) stamps[decided] = stamp
  changed['stamps'] = stamps
  changed['updatedAt'] = Math.max(Number(source['updatedAt'] ?? 0), Math.floor(nowMs))
  return changed as Document
}

/** Forms leave `undefined` where something was taken away; JSON knows no such thing. */
function withoutUndefined(value: Record<string, JsonValue | undefined>): JsonObject {
  const whole = (one: JsonValue): JsonValue =>
    typeof one === 'object' && one !== null && !Array.isArray(one) ? withoutUndefined(one) : one
  return Object.fromEntries(Object.entries(value).flatMap(([name, one]) => (one === undefined ? [] : [[name, whole(one)]])))
}

/**
 * Merges two versions of one document: per part the later stamp wins, equal stamps the larger value in canonical order, so that the
 * result does not depend on who merges, in which order or how often (commutative, associative, idempotent). A stamp of a whole field that
 * is made of parts, from a version that did not know them, counts for each part that has no later one. A field made of parts stays, empty,
 * when all of its parts were taken away.
 */
export function mergeFields<Document extends object>(left: Document, right: Document): Document {
  const a = left as unknown as JsonObject
  const b = right as unknown as JsonObject
  const [stampsA, stampsB] = [stampsOf(a), stampsOf(b)]
  const [partsA, partsB] = [partsOf(a), partsOf(b)]
  const merged: Parts = { values: new Map(), containers: new Set([...partsA.containers, ...partsB.containers]) }
  for (const path of new Set([...partsA.values.keys(), ...partsB.values.keys()])) {
    if (path === 'stamps' || path === 'updatedAt') continue
    const [valueA, valueB] = [partsA.values.get(path), partsB.values.get(path)]
    const [stampA, stampB] = [stampFor(stampsA, path), stampFor(stampsB, path)]
    const value = isCounter(path)
      ? Math.max(counter(valueA), counter(valueB))
      : stampA === stampB
        ? larger(valueA, valueB)
        : stampA > stampB
          ? valueA
          : valueB
    if (value !== undefined) merged.values.set(path, value)
  }
  const stamps: Record<string, string> = { ...stampsA }
  for (const [path, stamp] of Object.entries(stampsB)) if (stamp > (stamps[path] ?? '')) stamps[path] = stamp
  return {
    ...documentOf(merged),
    stamps,
    updatedAt: Math.max(Number(a['updatedAt'] ?? 0), Number(b['updatedAt'] ?? 0)),
  } as unknown as Document
}

const counter = (value: JsonValue | undefined): number => (typeof value === 'number' ? value : 0)

/** The latest of the stamps of a part and of the fields above it. */
function stampFor(stamps: Record<string, string>, path: string): string {
  let latest = stamps[path] ?? ''
  for (const field of above(path)) {
    const stamp = stamps[field]
    if (stamp !== undefined && stamp > latest) latest = stamp
  }
  return latest
}

/**
 * For the gateway, on every pushed document whose fields merge: a stamp from the future (a dashboard whose clock is wrong) is cut back to
 * the server's time, so that it does not win for days. Stamps that the server already holds in `current` stay.
 */
export function clampStamps<Document extends object>(document: Document, current: object | null, serverNowMs: number): Document {
  const source = document as unknown as JsonObject
  const held = current === null ? {} : stampsOf(current as JsonObject)
  let stamps: Record<string, string> | null = null
  for (const [field, text] of Object.entries(stampsOf(source))) {
    const stamp = parseStamp(text)
    if (held[field] === text) continue
    if (stamp !== null && stamp.timeMs <= serverNowMs + durations.clockToleranceMs) continue
    stamps ??= { ...stampsOf(source) }
    if (stamp === null) delete stamps[field]
    else stamps[field] = formatStamp({ ...stamp, timeMs: serverNowMs })
  }
  return stamps === null ? document : ({ ...source, stamps } as unknown as Document)
}

function stampsOf(document: JsonObject): Record<string, string> {
  const stamps = document['stamps']
  if (typeof stamps !== 'object' || stamps === null || Array.isArray(stamps)) return {}
  return stamps as Record<string, string>
}

/** Absent is the smallest value. */
function larger(left: JsonValue | undefined, right: JsonValue | undefined): JsonValue | undefined {
  if (left === undefined) return right
  if (right === undefined) return left
  return canonicalJson(left) >= canonicalJson(right) ? left : right
}
