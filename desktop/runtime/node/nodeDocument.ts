import type { NodeDocument } from '#shared/collections/node.schema.ts'
import { durations } from '#shared/durations.ts'
import { toAppError } from '#shared/errors/appError.ts'
import { jsonEquals } from '#shared/json.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { Documents } from '../tasks/ports.ts'

/** Numbers that move all the time: they alone are written at most once a minute. */
const slowFields = ['queuedTaskCount', 'framesWaitingToUpload', 'hardware', 'transfers', 'updatedAt'] as const
/** Several things that change together become one write. */
const gatherMs = 200

export interface NodeDocumentWriter {
  /** Something that `build` says may have changed. */
  changed(): void
  /** Writes the last state (e.g. with `stoppedAt`) and ends. */
  finish(change: Partial<NodeDocument>): Promise<void>
}

export interface NodeDocumentOptions {
  nodes: Documents<NodeDocument>
  build: () => NodeDocument
  clock: Clock
  log: Logger
}

/** Keeps the node's own document true: what matters at once, what only moves once a minute. */
export function startNodeDocument({ nodes, build, clock, log }: NodeDocumentOptions): NodeDocumentWriter {
  let written: NodeDocument | null = null
  let writtenAtMs = 0
  let cancel: (() => void) | null = null
  let dueMs = Infinity
  let saving: Promise<void> = Promise.resolve()

  const schedule = (delayMs: number) => {
    const at = clock.monotonicMs() + delayMs
    if (at >= dueMs) return
    cancel?.()
    dueMs = at
    cancel = clock.after(delayMs, () => {
      cancel = null
      dueMs = Infinity
      void save(build())
    })
  }
  const save = (document: NodeDocument) => {
    saving = saving.then(async () => {
      try {
        await nodes.put(document)
        written = document
        writtenAtMs = clock.monotonicMs()
      } catch (error) {
        log.warn('the node document could not be saved; it is tried again', { reason: toAppError(error).message })
        schedule(durations.documentRefreshMs)
      }
    })
    return saving
  }
  return {
    changed() {
      const next = build()
      if (written === null || !jsonEquals(without(written), without(next))) schedule(gatherMs)
      else if (slowFields.some((field) => field !== 'updatedAt' && !jsonEquals(written?.[field], next[field])))
        schedule(Math.max(gatherMs, writtenAtMs + durations.documentRefreshMs - clock.monotonicMs()))
    },
    async finish(change) {
      cancel?.()
      dueMs = -Infinity
      await save({ ...build(), ...change })
    },
  }
}

function without(document: NodeDocument): Record<string, unknown> {
  const rest: Record<string, unknown> = { ...document }
  for (const field of slowFields) delete rest[field]
  // How much travelled moves all the time; why nothing does is said at once.
  return { ...rest, transferHold: document.transfers?.hold }
}
