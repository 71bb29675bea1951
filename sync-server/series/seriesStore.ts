import type { Result } from '#shared/result.ts'
import type { SeriesAppendPayload, SeriesAppendReply, SeriesReadPayload, SeriesReadReply } from '#shared/sync/protocol.ts'

export interface SeriesAppended extends SeriesAppendReply {
  /** False when nothing was written: the offset was not the end. */
  grew: boolean
}

/** Append-only text per owner: logs and metrics, kept in files that are dropped whole by age. */
export interface SeriesStore {
  /** Synced to disk before it is answered. An offset that is not the end answers with the end and writes nothing. */
  append(ownerId: string, payload: SeriesAppendPayload): Promise<Result<SeriesAppended>>
  read(ownerId: string, payload: SeriesReadPayload): Promise<Result<SeriesReadReply>>
  /** Drops series that nobody appended to since then. Returns how many. */
  dropOlderThan(timeMs: number): Promise<number>
}
