import { durations } from '../durations.ts'
import { canonicalJson, jsonEquals, type JsonObject, type JsonValue } from '../json.ts'
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
 * Puts `changes` into the document and stamps each changed field. `undefined` takes a field away. Fields that stay equal keep their stamp.
 * @param writer the id of who edits (a dashboard, a node): decides between stamps of the same instant
 */
export function stampFields<Document extends object>(
  document: Document,
  changes: { [Field in keyof Document]?: Document[Field] | undefined },
  clock: { now(): number },
  writer: string,
): Document {
  const next = { ...document } as Record<string, JsonValue | undefined>
  const stamps = { ...(next['stamps'] as Record<string, string> | undefined) }
  const nowMs = clock.now()
  const stamp = nextStamp(Object.values(stamps), nowMs, writer)
  for (const [field, value] of Object.entries(changes) as [string, JsonValue | undefined][]) {
    if (unstamped.has(field) || jsonEquals(next[field], value)) continue
    if (value === undefined) delete next[field]
    else next[field] = value
    stamps[field] = stamp
  }
  next['stamps'] = stamps
  next['updatedAt'] = Math.max(Number(next['updatedAt'] ?? 0), Math.floor(nowMs))
  return next as Document
}

/**
 * Merges two versions of one document: per field the later stamp wins, equal stamps the larger value in canonical order, so that the
 * result does not depend on who merges, in which order or how often (commutative, associative, idempotent).
 */
export function mergeFields<Document extends object>(left: Document, right: Document): Document {
  const a = left as unknown as JsonObject
  const b = right as unknown as JsonObject
  const stampsA = stampsOf(a)
  const stampsB = stampsOf(b)
  const merged: JsonObject = {}
  const stamps: Record<string, string> = {}
  for (const field of new Set([...Object.keys(a), ...Object.keys(b), ...Object.keys(stampsA), ...Object.keys(stampsB)])) {
    if (field === 'stamps' || field === 'updatedAt') continue
    const stampA = stampsA[field] ?? ''
    const stampB = stampsB[field] ?? ''
    const value = stampA === stampB ? larger(a[field], b[field]) : stampA > stampB ? a[field] : b[field]
    const stamp = stampA > stampB ? stampA : stampB
    if (value !== undefined) merged[field] = value
    if (stamp !== '') stamps[field] = stamp
  }
  merged['stamps'] = stamps
  merged['updatedAt'] = Math.max(Number(a['updatedAt'] ?? 0), Number(b['updatedAt'] ?? 0))
  return merged as unknown as Document
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
