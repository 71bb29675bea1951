import { errorTraits } from '#shared/errors/appError.ts'
import { errorCodes, type ErrorCode } from '#shared/errors/codes.ts'
import { avoidForMs, failuresAllowed, ledgerKindOf } from '#shared/rules/settlement.ts'
import {
  attemptOf,
  isAccepted,
  isAvailable,
  isCopyable,
  isSettledFrame,
  openAttempts,
  openFrames,
  type AcceptedFrame,
  type Attempt,
  type Chunk,
  type ClosedAs,
  type ErrorData,
  type RefusedFrame,
} from './chunk.ts'
import { taskIdOf } from './chunkIds.ts'

const releasedAvoidMs = 10_000
const keptFailures = 100
/** More attempts than this and the oldest that came to nothing are forgotten, so that the document stays small whatever nodes do. */
const keptAttempts = 100

/**
 * The only ways a chunk changes. Each is pure: the next chunk, or null when nothing changes (already so, or not allowed any more),
 * so that repeating any of them after a crash is harmless. `now` is server time.
 */
export interface Assignee {
  nodeId: string
  nodeOwnerId: string
  /** What a frame pays this node, and its bounded bench score; absent: the chunk's own price. */
  terms?: { microPerFrame: number; score: number }
}

/** Gives the open frames to a node under the next token. null: somebody has it, or nothing is open. */
export const assign = (chunk: Chunk, to: Assignee, now: number, expiresAt: number): Chunk | null =>
  isAvailable(chunk) ? give(chunk, to, now, expiresAt) : null

/**
 * Gives the open frames to a second node while the first still has them: whichever brings a frame first is paid for it. null: nobody has it,
 * two have it already, or it is this very node that has it.
 */
export const assignCopy = (chunk: Chunk, to: Assignee, now: number, expiresAt: number): Chunk | null =>
  isCopyable(chunk) && openAttempts(chunk)[0]?.nodeId !== to.nodeId ? give(chunk, to, now, expiresAt, { isCopy: true }) : null

function give(chunk: Chunk, to: Assignee, now: number, expiresAt: number, more: { isCopy?: true } = {}): Chunk {
  const token = chunk.attempt + 1
  const attempt: Attempt = {
    token,
    taskId: taskIdOf(chunk.id, token),
    nodeId: to.nodeId,
    nodeOwnerId: to.nodeOwnerId,
    kind: ledgerKindOf(chunk.jobOwnerId, to.nodeOwnerId),
    frames: openFrames(chunk),
    ...to.terms,
    ...more,
    issuedAt: now,
    expiresAt,
    state: 'open',
    changedAt: now,
    changes: 1,
    refused: {},
  }
  return { ...chunk, attempt: token, attempts: [...forgetOldest(chunk), attempt] }
}

function forgetOldest(chunk: Chunk): Attempt[] {
  const spare = chunk.attempts.length - keptAttempts
  if (spare <= 0) return chunk.attempts
  const used = new Set(Object.values(chunk.accepted).map(({ token }) => token))
  const forgotten = chunk.attempts.filter(({ token, state }) => state !== 'open' && state !== 'payable' && !used.has(token)).slice(0, spare)
  return chunk.attempts.filter((attempt) => !forgotten.includes(attempt))
}

/** Accepts a frame once. null: it is not this attempt's, or it is accepted already (by whomever), or the job was cancelled. */
export function acceptFrame(
  chunk: Chunk,
  token: number,
  frame: number,
  picture: Pick<AcceptedFrame, 'sha256' | 'sizeBytes' | 'format' | 'width' | 'height' | 'renderMs'>,
  now: number,
): Chunk | null {
  const attempt = attemptOf(chunk, token)
  if (!attempt?.frames.includes(frame) || isAccepted(chunk, frame) || chunk.wanted === 'cancelled') return null
  const { taskId, nodeId, nodeOwnerId } = attempt
  const entry: AcceptedFrame = {
    ...picture,
    token,
    taskId,
    nodeId,
    nodeOwnerId,
    at: now,
    late: attempt.state === 'payable' || attempt.state === 'settled',
  }
  // A frame that was given up and now came after all is accepted: a picture is worth more than its history.
  const { [String(frame)]: _givenUp, ...failed } = chunk.failed
  const { [String(frame)]: _refused, ...refused } = attempt.refused
  const taken = tellOthers({ ...chunk, failed, accepted: { ...chunk.accepted, [String(frame)]: entry } }, token, frame, now)
  const next = changeAttempt(taken, token, {
    refused,
    changedAt: now,
    // Back among those with something to be written, so that a crash before its entry is found again.
    ...(attempt.state === 'settled' ? { state: 'payable' as const } : {}),
  })
  return settleFrames(next, now)
}

/** Whoever else has this frame in hand hears that it is taken. */
function tellOthers(chunk: Chunk, token: number, frame: number, now: number): Chunk {
  const others = chunk.attempts.filter(
    (one) => one.token !== token && (one.state === 'open' || one.state === 'closed') && one.frames.includes(frame),
  )
  return others.reduce((next, other) => changeAttempt(next, other.token, { changedAt: now }), chunk)
}

/** Records why a delivered frame is not taken; a rejected one stays open. */
export function refuseFrame(chunk: Chunk, token: number, frame: number, refusal: RefusedFrame): Chunk | null {
  const attempt = attemptOf(chunk, token)
  if (!attempt) return null
  const before = attempt.refused[String(frame)]
  if (before?.sha256 === refusal.sha256 && before.verdict === refusal.verdict) return null
  return changeAttempt(chunk, token, { refused: { ...attempt.refused, [String(frame)]: refusal }, changedAt: refusal.at })
}

/** Ends an attempt. A failure counts against its still open frames; frames that failed too often are given up. */
export function closeAttempt(
  chunk: Chunk,
  token: number,
  closedAs: ClosedAs,
  now: number,
  failure?: { error: ErrorData; frames?: number[] | undefined },
): Chunk | null {
  const attempt = attemptOf(chunk, token)
  if (attempt?.state !== 'open') return null
  const fault = failure === undefined ? {} : { fault: traitsOf(failure.error).fault }
  let next = changeAttempt(chunk, token, { state: 'closed', closedAs, closedAt: now, changedAt: now, ...fault })
  if (failure) next = countFailure(next, attempt, failure.error, failure.frames, now)
  if (closedAs === 'released') next = passOver(next, attempt, now)
  return settleFrames(next, now)
}

/** Who just gave a chunk back is not given the same one at once: others first, and never in a tight circle. */
function passOver(chunk: Chunk, { token, nodeId }: Attempt, now: number): Chunk {
  const released = { token, nodeId, at: now, avoidUntil: now + releasedAvoidMs, error: { code: 'CANCELLED', message: '' }, frames: [] }
  return { ...chunk, failures: [...chunk.failures, released].slice(-keptFailures) }
}

const traitsOf = (error: ErrorData) => errorTraits(Object.hasOwn(errorCodes, error.code) ? (error.code as ErrorCode) : 'UNEXPECTED')

function countFailure(chunk: Chunk, attempt: Attempt, error: ErrorData, only: number[] | undefined, now: number): Chunk {
  const traits = traitsOf(error)
  const frames = attempt.frames.filter(
    (frame) => !isSettledFrame(chunk, frame) && (only === undefined || only.length === 0 || only.includes(frame)),
  )
  const earlier = chunk.failures.filter((failure) => failure.nodeId === attempt.nodeId && failure.frames.length > 0).length
  const avoidUntil = now + avoidForMs(traits, earlier + 1)
  const failures = [...chunk.failures, { token: attempt.token, nodeId: attempt.nodeId, at: now, avoidUntil, error, frames }].slice(
    -keptFailures,
  )
  const allowed = failuresAllowed(traits, attempt.kind)
  const failed = { ...chunk.failed }
  for (const frame of frames) {
    const tries = failures.filter((failure) => failure.frames.includes(frame)).length
    if (tries >= allowed) failed[String(frame)] = { at: now, error, nodeId: attempt.nodeId }
  }
  return { ...chunk, failures, failed }
}

export function renewAttempt(chunk: Chunk, token: number, expiresAt: number, now: number): Chunk | null {
  const attempt = attemptOf(chunk, token)
  if (attempt?.state !== 'open' || expiresAt <= attempt.expiresAt) return null
  return changeAttempt(chunk, token, { expiresAt, changedAt: now })
}

/** Carries the creator's wish and retries into the chunk. Cancelling closes the attempt that is out; a retry opens what was given up. */
export function follow(chunk: Chunk, wanted: Chunk['wanted'], retryGeneration: number, now: number): Chunk | null {
  const retry = retryGeneration > chunk.retryGeneration
  if (wanted === chunk.wanted && !retry) return null
  let next: Chunk = { ...chunk, wanted, retryGeneration: Math.max(retryGeneration, chunk.retryGeneration) }
  if (retry) next = { ...next, failed: {}, failures: [] }
  if (wanted === 'cancelled')
    for (const out of openAttempts(next))
      next = changeAttempt(next, out.token, { state: 'closed', closedAs: 'cancelled', closedAt: now, changedAt: now })
  return settleFrames(next, now)
}

/** Which attempts, as they were read, have everything written. */
export type Written = Pick<Attempt, 'token' | 'changes'>

/** After the ledger entries and task documents of payable attempts are written: they need not be looked at again, unless they changed meanwhile. */
export function markSettled(chunk: Chunk, written: readonly Written[]): Chunk | null {
  const isDone = (attempt: Attempt) =>
    attempt.state === 'payable' && written.some(({ token, changes }) => token === attempt.token && changes === attempt.changes)
  if (!chunk.attempts.some(isDone)) return null
  return { ...chunk, attempts: chunk.attempts.map((attempt) => (isDone(attempt) ? { ...attempt, state: 'settled' as const } : attempt)) }
}

/**
 * An open attempt none of whose frames is open any more has nothing left to do. A closed one is paid as soon as no frame of it can be
 * accepted any more, so what comes late under an expired lease still lands in the one entry of its task. Both are decided in the same
 * write as what caused them: what an entry pays cannot change between deciding and writing it.
 */
function settleFrames(chunk: Chunk, now: number): Chunk {
  let next = chunk
  for (const { token, state, frames } of chunk.attempts) {
    if ((state !== 'open' && state !== 'closed') || frames.some((frame) => !isSettledFrame(chunk, frame))) continue
    if (state === 'open') next = changeAttempt(next, token, { state: 'closed', closedAs: 'completed', closedAt: now, changedAt: now })
    next = changeAttempt(next, token, { state: 'payable' })
  }
  return next
}

function changeAttempt(chunk: Chunk, token: number, change: Partial<Attempt>): Chunk {
  return {
    ...chunk,
    attempts: chunk.attempts.map((attempt) =>
      attempt.token === token ? { ...attempt, ...change, changes: attempt.changes + 1 } : attempt,
    ),
  }
}
