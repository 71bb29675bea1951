import type { JobState } from '#shared/collections/job.schema.ts'
import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { Presence } from '#shared/collections/presence.schema.ts'
import type { AppError } from '#shared/errors/appError.ts'
import { toAppError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { attemptOf, type Chunk } from '../jobs/chunk.ts'
import { parseTaskId } from '../jobs/chunkIds.ts'
import type { Handled } from '../jobs/jobProjector.ts'
import type { DocumentStore, WrittenEvent } from '../store/documentStore.ts'
import { evidenceDetails, reasonDetails, tell, type NewNotice } from './notices.ts'

/** What is over for so long was told before. */
const oldBlockMs = 7 * 86_400_000

/** Turns what happens on the path of a task into notices. Each is written once, by an id made of the event. */
export function createTaskNotices(parts: { store: DocumentStore; log: Logger; clock: Clock }) {
  const { store, clock } = parts

  /** Where a notice is an extra and must not hold up the work. */
  const lightly = (notice: NewNotice): void => {
    tell(store, notice).catch((thrown: unknown) =>
      parts.log.warn('a notice could not be written', { code: notice.code, reason: toAppError(thrown).message }),
    )
  }
  const nameOf = async (ownerId: string, nodeId: string): Promise<string> =>
    (await store.read(ownerId, 'workers', nodeId))?.document.name ?? nodeId

  return {
    /** Awaited by who writes the job's state, so that a crash in between repeats it. */
    jobSettled: async (state: JobState, job: { name: string }, handled: Handled): Promise<void> => {
      if (state.state === 'cancelled') return
      const { id: jobId, ownerId, total, accepted, failed, error } = state
      const about = { ownerId, jobId, event: `${jobId}.${handled.retryGeneration}`, at: clock.now() }
      const { name } = job
      if (error) return tell(store, { ...about, code: 'JOB_REFUSED', details: { name, code: error.code, ...reasonDetails(error) } })
      if (state.state === 'done') return tell(store, { ...about, code: 'JOB_DONE', details: { name, frames: accepted } })
      const failure = Object.values(state.frames).find((frame) => frame.state === 'failed')?.error
      return tell(store, { ...about, code: 'JOB_FAILED', details: { name, failed, total, ...reasonDetails(failure) } })
    },
    frameRefused: (chunk: Chunk, taskId: string, frame: number, error: AppError): void => {
      const attempt = attemptOf(chunk, parseTaskId(taskId)?.token ?? 0)
      if (!attempt) return
      lightly({
        ownerId: attempt.nodeOwnerId,
        nodeId: attempt.nodeId,
        taskId,
        code: 'FRAME_REFUSED',
        // Once a frame and task, however often it is sent.
        event: `${taskId}.${frame}`,
        at: clock.now(),
        details: { frame, code: error.code, ...reasonDetails(error) },
      })
    },
    leaseExpired(chunk: Chunk, taskId: string): void {
      const attempt = attemptOf(chunk, parseTaskId(taskId)?.token ?? 0)
      if (!attempt) return
      const open = attempt.frames.filter((frame) => !Object.hasOwn(chunk.accepted, String(frame))).length
      lightly({
        ownerId: attempt.nodeOwnerId,
        nodeId: attempt.nodeId,
        taskId,
        code: 'LEASE_EXPIRED',
        event: taskId,
        at: clock.now(),
        details: { frames: open },
      })
    },
    longGone: async (presence: Presence): Promise<void> => {
      const { ownerId, id: nodeId } = presence
      const node = (await store.read(ownerId, 'nodes', nodeId))?.document
      // It said goodbye, or it never got as far as saying who it is.
      if (!node || (node.stoppedAt !== undefined && node.stoppedAt >= presence.lastHeardAt - 60_000)) return
      await tell(store, {
        ownerId,
        nodeId,
        code: 'NODE_OFFLINE',
        event: `${nodeId}.${presence.since}`,
        at: clock.now(),
        details: { name: await nameOf(ownerId, nodeId), lastHeardAt: presence.lastHeardAt, wasRendering: node.activeTaskIds.length > 0 },
      })
    },
    /** A node's own document says that it is blocked, or rests because its tasks fail. */
    nodeWritten({ ownerId, document }: WrittenEvent): void {
      // Safe: only called for the collection `nodes`.
      const node = document as unknown as NodeDocument
      if (ownerId === null) return
      const events = [...blockEvents(node, clock.now()), ...restEvents(node, clock.now())]
      if (events.length === 0) return
      void nameOf(ownerId, node.id)
        .then((name) => {
          for (const { details, ...event } of events) lightly({ ...event, ownerId, nodeId: node.id, details: { ...details, name } })
        })
        .catch((thrown: unknown) =>
          parts.log.warn('a notice could not be written', { nodeId: node.id, reason: toAppError(thrown).message }),
        )
    },
  }
}

type NodeEvent = Pick<NewNotice, 'code' | 'event' | 'at' | 'details'>

function blockEvents({ id, blocked }: NodeDocument, nowMs: number): NodeEvent[] {
  if (!blocked || nowMs - blocked.until > oldBlockMs) return []
  const { code, since, until, contestedAt } = blocked
  const event = `${id}.${since}`
  const seen = evidenceDetails(blocked)
  const block: NodeEvent = { code: 'NODE_BLOCKED', event, at: nowMs, details: { code, until, ...seen } }
  if (contestedAt === undefined) return [block]
  return [block, { code: 'NODE_BLOCK_CONTESTED', event, at: contestedAt, details: { code, since, ...seen } }]
}

/** Each rest once: its end outlives a restart of the node, its beginning as a hold does not. */
function restEvents({ id, holds, avoided = [] }: NodeDocument, nowMs: number): NodeEvent[] {
  const until = holds.find(({ code }) => code === 'REPEATED_FAILURES')?.until
  if (until === undefined || until < nowMs) return []
  return [{ code: 'NODE_RESTS', event: `${id}.${until}`, at: nowMs, details: { code: avoided[0]?.code ?? '', until } }]
}
