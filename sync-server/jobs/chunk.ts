import type { Needs } from '#shared/collections/task.schema.ts'
import type { Fault } from '#shared/errors/codes.ts'
import type { LedgerKind } from '#shared/rules/settlement.ts'

/**
 * A chunk of a job's frames with all its attempts: the one document that decides which frame was accepted from whom.
 * Server-private, changed only by compare-and-swap through the moves in `chunkMoves.ts`. Tasks, ledger entries, job states
 * and roll-ups are projections of it.
 *
 *   frame:    open ─► accepted (once, for ever) | failed ─► open (retry) | cancelled
 *   attempt:  open ─► closed (completed, released, expired, cancelled, failed) ─► payable ◄─► settled (its ledger entry is written)
 */
export type Chunk = {
  id: string
  jobId: string
  jobOwnerId: string
  index: number
  createdAt: number
  rank: number
  needs: ChunkNeeds
  /** The most that a unit of it may cost: the bids of nodes of other owners are held against it. */
  microPerUnit: number
  /** The price of a frame at the base rate: what own work is counted at. */
  microPerFrame: number
  /** Thousandths of a work unit in one frame, by what was said of the scene; absent in chunks of older versions. */
  milliUnits?: number
  feeBasisPoints: number
  frames: number[]
  /** The creator's wish, so that choosing needs no second document. */
  wanted: 'run' | 'paused' | 'cancelled'
  retryGeneration: number
  /** Number of the newest attempt: the fencing token. */
  attempt: number
  attempts: Attempt[]
  /** By frame number. Set once, never changed. */
  accepted: { [frame: string]: AcceptedFrame }
  /** Frames given up, by frame number; a retry opens them again. */
  failed: { [frame: string]: FrameFailure }
  /** Every failed try since the last retry. */
  failures: ChunkFailure[]
}

/** The needs as plain JSON (no optional members that could be `undefined`). */
export type ChunkNeeds = { kind: Needs['kind']; blenderVersion?: string; engine?: string; vramMiB?: number; denoiser?: string }

export type Attempt = {
  token: number
  taskId: string
  nodeId: string
  nodeOwnerId: string
  kind: LedgerKind
  /** The frames that were open when it was given out. */
  frames: number[]
  /** What a frame pays, fixed when it was given out; absent in attempts of older versions: as the chunk says. */
  microPerFrame?: number
  /** The bounded bench score of its node when it was given out: what its render times are worth as a measure. */
  score?: number
  /** It was given out beside another open attempt, near the end of the job. */
  isCopy?: true
  /** Whose fault its failure was, when it failed. */
  fault?: Fault
  issuedAt: number
  expiresAt: number
  /**
   * closed: the node has it no more, but frames of it that come late are still taken. payable: every frame of it is settled, so what its
   * ledger entry pays is fixed from here on. settled: the entry and the task document are written.
   */
  state: 'open' | 'closed' | 'payable' | 'settled'
  closedAs?: ClosedAs
  closedAt?: number
  /** Last change that concerns this attempt: the task document's `updatedAt`. */
  changedAt: number
  /** Grows with each of those, so that a slower writer never puts an older task document over a newer one. */
  changes: number
  /** Verdicts that are not "accepted", by frame number. */
  refused: { [frame: string]: RefusedFrame }
}
export type ClosedAs = 'completed' | 'released' | 'expired' | 'cancelled' | 'failed'

export type AcceptedFrame = {
  token: number
  taskId: string
  nodeId: string
  nodeOwnerId: string
  sha256: string
  sizeBytes: number
  format: string
  width: number
  height: number
  renderMs: number
  at: number
  /** What the attempt's ledger entry pays was already fixed: this frame is paid by an entry of its own. */
  late: boolean
}
export type ErrorData = { code: string; message: string; details?: { [key: string]: string | number | boolean | null } }
export type RefusedFrame = { verdict: 'rejected' | 'superseded'; sha256: string; at: number; error: ErrorData }
type FrameFailure = { at: number; error: ErrorData; nodeId: string }
type ChunkFailure = { token: number; nodeId: string; at: number; avoidUntil: number; error: ErrorData; frames: number[] }

export const isSettledFrame = (chunk: Chunk, frame: number): boolean =>
  isAccepted(chunk, frame) || isFailed(chunk, frame) || chunk.wanted === 'cancelled'
export const isAccepted = (chunk: Chunk, frame: number): boolean => Object.hasOwn(chunk.accepted, String(frame))
export const isFailed = (chunk: Chunk, frame: number): boolean => Object.hasOwn(chunk.failed, String(frame))
export const openFrames = (chunk: Chunk): number[] => chunk.frames.filter((frame) => !isSettledFrame(chunk, frame))
/** Usually none or one; two where a copy was given out. */
export const openAttempts = (chunk: Chunk): Attempt[] => chunk.attempts.filter((attempt) => attempt.state === 'open')
export const priceOf = (chunk: Chunk, attempt: Attempt | undefined): number => attempt?.microPerFrame ?? chunk.microPerFrame
export const attemptOf = (chunk: Chunk, token: number): Attempt | undefined => chunk.attempts.find((attempt) => attempt.token === token)

/** May a node be given this chunk now? */
export const isAvailable = (chunk: Chunk): boolean =>
  chunk.wanted === 'run' && openAttempts(chunk).length === 0 && openFrames(chunk).length > 0
/** May a second node be given it? Never more than two at a time. */
export const isCopyable = (chunk: Chunk): boolean =>
  chunk.wanted === 'run' && openAttempts(chunk).length === 1 && openFrames(chunk).length > 0

/** The frames accepted under an attempt that its one ledger entry pays, and those that came after that entry. */
export function framesOf(chunk: Chunk, token: number): { paidTogether: AcceptedFrame[]; late: Array<[frame: string, AcceptedFrame]> } {
  const mine = Object.entries(chunk.accepted).filter(([, frame]) => frame.token === token)
  return { paidTogether: mine.filter(([, frame]) => !frame.late).map(([, frame]) => frame), late: mine.filter(([, frame]) => frame.late) }
}
