import type { Run, RunFrame } from '#shared/collections/run.schema.ts'
import { attemptOf, type Attempt, type Chunk } from '../jobs/chunk.ts'

/** What the node says of an attempt: the same frames, times and pictures that the server saw. */
export function seedRun(chunk: Chunk, token: number, nowMs: number): Run | null {
  const attempt = attemptOf(chunk, token)
  if (!attempt) return null
  const open = attempt.state === 'open'
  const frames: Run['frames'] = {}
  let startedAt = attempt.issuedAt + 2_000
  let rendering = false
  for (const frame of attempt.frames) {
    const accepted = chunk.accepted[String(frame)]
    if (accepted?.token === token) {
      const { renderMs, at, sha256, sizeBytes, width, height, format } = accepted
      frames[String(frame)] = {
        ...{ state: 'delivered', renders: 1, renderMs, startedAt, finishedAt: at, sha256, sizeBytes, width, height, format },
      }
      startedAt = at
    } else {
      frames[String(frame)] = unfinished(attempt, open && !rendering, startedAt)
      rendering = true
    }
  }
  const error = chunk.failures.find((failure) => failure.token === token)?.error
  return {
    ...{
      id: attempt.taskId,
      ownerId: attempt.nodeOwnerId,
      updatedAt: open ? nowMs - 20_000 : (attempt.closedAt ?? nowMs),
      nodeId: attempt.nodeId,
    },
    ...{ jobId: chunk.jobId, leaseToken: token, createdAt: attempt.issuedAt, startedAt: attempt.issuedAt + 2_000 },
    state: open ? 'rendering' : attempt.closedAs === 'completed' ? 'done' : attempt.closedAs === 'failed' ? 'failed' : 'released',
    ...(attempt.closedAt === undefined ? {} : { finishedAt: attempt.closedAt }),
    ...{ blenderVersion: '4.2.12', device: 'OPTIX', frames, warnings: [] },
    ...(error === undefined ? {} : { error }),
  }
}

function unfinished(attempt: Attempt, isNow: boolean, startedAt: number): RunFrame {
  if (isNow) return { state: 'rendering', renders: 1, startedAt }
  return { state: attempt.closedAs === 'failed' ? 'failed' : 'queued', renders: attempt.closedAs === 'failed' ? 1 : 0 }
}
