import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { JsonObject } from '#shared/json.ts'

/**
 * A piece of the archive, as it stands in the private database `archive`: documents of one collection that were over in one month, as compressed
 * NDJSON. `id` comes from what is in it, so that writing it again is writing the same. It is never changed.
 */
export type Segment = {
  id: string
  /** `YYYY-MM`, UTC. */
  month: string
  /** null: of a private database. */
  ownerId: string | null
  collection: string
  documents: number
  /** gzip of one document's JSON text a line, in base64. */
  gzip: string
}

/** More would make an answer for one old document slow, and the store's documents large. */
const segmentRows = 500
const segmentBytes = 4 * 1024 * 1024

export const monthOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 7)

/** Which version of a document was put away; the same text is the same version. */
export const digestOf = (body: string): string => createHash('sha256').update(body).digest('base64url').slice(0, 22)

/** Cuts documents of one collection and month into segments. */
export function segmentsOf(ownerId: string | null, collection: string, month: string, bodies: readonly string[]): Segment[] {
  const segments: Segment[] = []
  let lines: string[] = []
  let bytes = 0
  const close = () => {
    if (lines.length > 0) segments.push(segmentOf(ownerId, collection, month, lines))
    lines = []
    bytes = 0
  }
  for (const body of bodies) {
    if (lines.length >= segmentRows || (lines.length > 0 && bytes + body.length > segmentBytes)) close()
    lines.push(body)
    bytes += body.length
  }
  close()
  return segments
}

function segmentOf(ownerId: string | null, collection: string, month: string, lines: string[]): Segment {
  const text = lines.join('\n')
  const name = digestOf(text)
  return {
    id: `${month}.${ownerId ?? 'private'}.${collection}.${name}`,
    ...{ month, ownerId, collection, documents: lines.length },
    gzip: gzipSync(text).toString('base64'),
  }
}

/** The documents' JSON texts in their order. */
export const bodiesIn = (segment: Segment): string[] => gunzipSync(Buffer.from(segment.gzip, 'base64')).toString('utf8').split('\n')

/** What the private database holds beside segments is none. */
export function asSegment(document: JsonObject | null): Segment | null {
  return document !== null && typeof document['gzip'] === 'string' ? (document as unknown as Segment) : null
}
