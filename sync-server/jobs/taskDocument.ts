import type { Task, Verdict } from '#shared/collections/task.schema.ts'
import { pricedSettings } from '#shared/rules/quote.ts'
import { appError } from '#shared/errors/appError.ts'
import { upscaledFrame } from '#shared/rules/upscale.ts'
import { priceOf, type Attempt, type Chunk } from './chunk.ts'
import type { JobBrief } from './jobBriefs.ts'

/**
 * The task as its node and the node's owner see it: a pure projection of the chunk, so writing it again after a crash changes nothing.
 * `changes` orders two projections of one attempt.
 */
export function taskDocument(chunk: Chunk, attempt: Attempt, job: JobBrief): Task {
  return {
    id: attempt.taskId,
    ownerId: attempt.nodeOwnerId,
    updatedAt: attempt.changedAt,
    nodeId: attempt.nodeId,
    jobId: chunk.jobId,
    jobName: job.name,
    chunkId: chunk.id,
    kind: job.kind,
    state: attempt.state === 'open' ? 'assigned' : 'closed',
    ...(attempt.closedAs === undefined ? {} : { closedAs: attempt.closedAs }),
    createdAt: attempt.issuedAt,
    ...(attempt.closedAt === undefined ? {} : { closedAt: attempt.closedAt }),
    frames: attempt.frames,
    ...filesFor(job, attempt.frames),
    // Who is paid by what the creator said of the scene renders what was said; one's own work is as the scene is.
    settings: attempt.kind === 'network' && job.kind === 'blender' ? pricedSettings(job.settings, job.info) : job.settings,
    info: job.info,
    format: job.kind === 'upscale' ? 'PNG' : (job.settings.format ?? job.info.format ?? 'PNG'),
    needs: chunk.needs,
    quote: { kind: attempt.kind, microPerFrame: priceOf(chunk, attempt), feeBasisPoints: chunk.feeBasisPoints },
    lease: { token: attempt.token, issuedAt: attempt.issuedAt, expiresAt: attempt.expiresAt },
    verdicts: Object.fromEntries(attempt.frames.map((frame) => [String(frame), verdictOf(chunk, attempt, frame)])),
    ...(attempt.isCopy ? { isCopy: true } : {}),
    ...(countsAgainstNode(chunk, attempt) ? { fault: 'node' as const } : {}),
    changes: attempt.changes,
  }
}

/** All that a scene is made of; of an upscaling job only the pictures of these frames, in their order. */
function filesFor(job: JobBrief, frames: readonly number[]): Pick<Task, 'scene' | 'extraFiles'> {
  const images = job.kind === 'upscale' ? frames.flatMap((frame) => upscaledFrame(job, frame)?.image ?? []) : []
  const [scene = job.scene, ...extraFiles] = images
  return images.length > 0 ? { scene, extraFiles } : { scene: job.scene, extraFiles: job.extraFiles }
}

/** The server's word on one frame of one attempt. */
export function verdictOf(chunk: Chunk, attempt: Attempt, frame: number): Verdict {
  const accepted = chunk.accepted[String(frame)]
  if (accepted?.token === attempt.token)
    return { verdict: 'accepted', at: accepted.at, sha256: accepted.sha256, renderMs: accepted.renderMs }
  const refused = attempt.refused[String(frame)]
  if (refused) return { verdict: refused.verdict, at: refused.at, sha256: refused.sha256, error: refused.error }
  if (accepted) {
    const { message, code } = appError('FRAME_SUPERSEDED', { frame })
    return { verdict: 'superseded', at: accepted.at, error: { code, message, details: { frame } } }
  }
  return { verdict: 'open' }
}

/**
 * Does this attempt speak against its node's reliability? A lease that ended does, and a failure of its own. What the node blamed on somebody else
 * (the scene, us) is only counted when all is settled and others could render those frames after all.
 */
function countsAgainstNode(chunk: Chunk, attempt: Attempt): boolean {
  if (attempt.closedAs === 'expired') return true
  if (attempt.closedAs !== 'failed') return false
  if (attempt.fault === undefined || attempt.fault === 'node') return true
  if (attempt.state === 'open' || attempt.state === 'closed') return false
  return chunk.wanted !== 'cancelled' && attempt.frames.every((frame) => !Object.hasOwn(chunk.failed, String(frame)))
}
