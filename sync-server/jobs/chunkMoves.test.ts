import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paymentFor } from '#shared/rules/settlement.ts'
import { attemptOf, framesOf, isAccepted, isAvailable, openAttempts, openFrames, priceOf, type Chunk } from './chunk.ts'
import { chunkIdOf, parseTaskId, taskIdOf } from './chunkIds.ts'
import { acceptFrame, assign, assignCopy, closeAttempt, follow, markSettled, refuseFrame, renewAttempt } from './chunkMoves.ts'

const chunk = (frames: number[] = [1, 2, 3]): Chunk => ({
  id: chunkIdOf('owner-1', 'job-1', 0),
  jobId: 'job-1',
  jobOwnerId: 'owner-1',
  index: 0,
  createdAt: 0,
  rank: 0,
  needs: { kind: 'blender' },
  microPerUnit: 50,
  microPerFrame: 1_001,
  feeBasisPoints: 1_000,
  frames,
  wanted: 'run',
  retryGeneration: 0,
  attempt: 0,
  attempts: [],
  accepted: {},
  failed: {},
  failures: [],
})
const picture = { sha256: 'a'.repeat(64), sizeBytes: 1, format: 'PNG', width: 4, height: 4, renderMs: 5 }
const crash = { error: { code: 'BLENDER_CRASHED', message: 'x' } }
const noCamera = { error: { code: 'SCENE_NO_CAMERA', message: 'x' } }
const must = (next: Chunk | null): Chunk => {
  if (!next) throw new Error('the move was refused')
  return next
}

describe('the moves of a chunk', () => {
  it('closes the attempt with its last frame, pays it, and forgets it once settled', () => {
    let c = must(assign(chunk([1, 2]), { nodeId: 'n', nodeOwnerId: 'owner-1' }, 10, 1_000))
    expect(assign(c, { nodeId: 'm', nodeOwnerId: 'owner-1' }, 10, 1_000)).toBeNull()
    c = must(acceptFrame(c, 1, 1, picture, 20))
    expect(openAttempts(c)[0]?.frames).toEqual([1, 2])
    c = must(acceptFrame(c, 1, 2, picture, 30))
    expect(c.attempts[0]).toMatchObject({ state: 'payable', closedAs: 'completed', kind: 'selfRender' })
    c = must(markSettled(c, c.attempts))
    expect(markSettled(c, c.attempts)).toBeNull()
    expect(isAvailable(c)).toBe(false)
  })

  it('takes a late frame under an expired lease when it is still open, and tells the second one that it came too late', () => {
    let c = must(assign(chunk([1, 2]), { nodeId: 'n', nodeOwnerId: 'o' }, 0, 10))
    c = must(closeAttempt(c, 1, 'expired', 11))
    c = must(assign(c, { nodeId: 'm', nodeOwnerId: 'p' }, 12, 100))
    c = must(acceptFrame(c, 1, 1, picture, 13))
    expect(acceptFrame(c, 2, 1, picture, 14)).toBeNull()
    c = must(acceptFrame(c, 2, 2, picture, 15))
    expect(c.accepted['1']).toMatchObject({ token: 1, nodeId: 'n', late: false })
    expect(c.attempts.map((attempt) => attempt.closedAs)).toEqual(['expired', 'completed'])
    expect(c.attempts.every((attempt) => attempt.state === 'payable')).toBe(true)
  })

  it('gives a frame up after three crashes, at once when the own scene is wrong, and a retry opens it again', () => {
    let c = chunk([1])
    for (let token = 1; token <= 3; token += 1) {
      expect(isAvailable(c)).toBe(true)
      c = must(assign(c, { nodeId: 'n', nodeOwnerId: 'o' }, 0, 10))
      c = must(closeAttempt(c, token, 'failed', 1, crash))
    }
    expect(c.failed['1']?.error.code).toBe('BLENDER_CRASHED')
    expect(isAvailable(c)).toBe(false)
    c = must(follow(c, 'run', 1, 5))
    expect(openFrames(c)).toEqual([1])
    c = must(assign(c, { nodeId: 'own', nodeOwnerId: 'owner-1' }, 0, 10))
    c = must(closeAttempt(c, 4, 'failed', 1, noCamera))
    expect(c.failed['1']?.error.code).toBe('SCENE_NO_CAMERA')
  })

  it('a picture for a given-up frame, or one that comes after its task was paid, still counts', () => {
    let c = must(assign(chunk([1]), { nodeId: 'own', nodeOwnerId: 'owner-1' }, 0, 10))
    c = must(closeAttempt(c, 1, 'failed', 1, noCamera))
    c = must(markSettled(c, c.attempts))
    c = must(acceptFrame(c, 1, 1, picture, 2))
    expect(c.accepted['1']?.late).toBe(true)
    expect(c.failed).toEqual({})
    expect(c.attempts[0]?.state).toBe('payable')
    expect(framesOf(c, 1)).toMatchObject({ paidTogether: [], late: [['1', {}]] })
  })

  it('cancelling closes what is out and takes nothing more; renewing never shortens', () => {
    let c = must(assign(chunk(), { nodeId: 'n', nodeOwnerId: 'o' }, 0, 10))
    expect(renewAttempt(c, 1, 9, 1)).toBeNull()
    c = must(renewAttempt(c, 1, 20, 1))
    c = must(follow(c, 'cancelled', 0, 5))
    expect(c.attempts[0]).toMatchObject({ state: 'payable', closedAs: 'cancelled', expiresAt: 20 })
    expect(acceptFrame(c, 1, 1, picture, 6)).toBeNull()
    expect(isAvailable(c)).toBe(false)
  })

  it('passes over who just gave it back, and stays small however often that happens', () => {
    let c = chunk([1, 2])
    c = must(assign(c, { nodeId: 'n', nodeOwnerId: 'o' }, 0, 10))
    c = must(acceptFrame(c, 1, 1, picture, 1))
    for (let token = 1; token < 400; token += 1) {
      c = must(closeAttempt(c, token, 'released', token))
      expect(c.failures.at(-1)).toMatchObject({ nodeId: 'n', avoidUntil: token + 10_000, frames: [] })
      c = must(assign(c, { nodeId: 'n', nodeOwnerId: 'o' }, token, token + 10))
    }
    expect(c.failed).toEqual({})
    expect(c.attempts.length).toBeLessThan(110)
    expect(c.failures.length).toBeLessThanOrEqual(100)
    c = must(acceptFrame(c, 400, 2, picture, 500))
    expect(c.attempts.filter(({ state }) => state === 'payable').map(({ token }) => token)).toContain(1)
  })

  it('a copy takes what is open; whoever is first is paid for a frame, at its own price; the other is told, and neither has failed', () => {
    const to = (nodeId: string, microPerFrame: number) => ({ nodeId, nodeOwnerId: nodeId, terms: { microPerFrame, score: 1 } })
    let c = must(assign(chunk([1, 2, 3]), to('slow', 40), 0, 10_000))
    c = must(acceptFrame(c, 1, 1, picture, 1))
    expect(assignCopy(c, to('slow', 40), 2, 10_000)).toBeNull()
    c = must(assignCopy(c, to('quick', 30), 2, 10_000))
    expect(attemptOf(c, 2)).toMatchObject({ frames: [2, 3], isCopy: true })
    expect(assignCopy(c, to('third', 30), 3, 10_000)).toBeNull()
    const before = attemptOf(c, 1)?.changes ?? 0
    c = must(acceptFrame(c, 2, 3, picture, 4))
    expect(attemptOf(c, 1)?.changes).toBe(before + 1)
    expect(acceptFrame(c, 1, 3, picture, 5)).toBeNull()
    c = must(acceptFrame(c, 1, 2, picture, 6))
    expect(c.attempts.map(({ state, closedAs }) => [state, closedAs])).toEqual([
      ['payable', 'completed'],
      ['payable', 'completed'],
    ])
    expect(c.attempts.map((attempt) => framesOf(c, attempt.token).paidTogether.length * priceOf(c, attempt))).toEqual([80, 30])
    c = must(follow(must(assignCopy(must(assign(chunk(), to('a', 1), 0, 9)), to('b', 1), 1, 9)), 'cancelled', 0, 2))
    expect(openAttempts(c)).toEqual([])
  })

  it('task ids lead back to their chunk', () => {
    const id = chunkIdOf('o', 'j', 12)
    expect(parseTaskId(taskIdOf(id, 3))).toEqual({ chunkId: id, token: 3 })
    expect(parseTaskId('t-../../etc')).toBeNull()
    expect(chunkIdOf('o1', 'j', 0)).not.toBe(chunkIdOf('o2', 'j', 0))
  })
})

describe('under any interleaving', () => {
  const node = fc.constantFrom('n1', 'n2', 'n3')
  const step = fc.oneof(
    fc.record({ do: fc.constantFrom('assign' as const, 'copy' as const), node }),
    fc.record({ do: fc.constant('deliver' as const), token: fc.integer({ min: 1, max: 6 }), frame: fc.integer({ min: 0, max: 5 }) }),
    fc.record({ do: fc.constant('refuse' as const), token: fc.integer({ min: 1, max: 6 }), frame: fc.integer({ min: 0, max: 5 }) }),
    fc.record({ do: fc.constantFrom('expire' as const, 'fail' as const, 'release' as const), token: fc.integer({ min: 1, max: 6 }) }),
    fc.record({
      do: fc.constantFrom('cancel' as const, 'pause' as const, 'run' as const, 'retry' as const, 'write' as const, 'mark' as const),
    }),
  )

  it('a frame is accepted once, every accepted frame is paid once, and the ledger adds up to the quotes of the accepted frames', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let c = chunk([1, 2, 3, 4])
        const acceptedAs = new Map<string, string>()
        const ledger = new Map<string, { frames: number; grossMicro: number; netMicro: number; feeMicro: number }>()
        // As in life: the entries are written from a reading of the chunk, other moves come in between, then it is marked.
        let reading: Chunk | null = null
        const write = () => {
          reading = c
          for (const attempt of c.attempts.filter((one) => one.state === 'payable')) {
            const entry = paymentFor(framesOf(c, attempt.token).paidTogether.length, priceOf(c, attempt), c.feeBasisPoints)
            expect(ledger.get(attempt.taskId) ?? entry).toEqual(entry)
            ledger.set(attempt.taskId, entry)
          }
          for (const attempt of c.attempts)
            for (const [frame] of framesOf(c, attempt.token).late)
              ledger.set(`${attempt.taskId}:correction-${frame}`, paymentFor(1, priceOf(c, attempt), c.feeBasisPoints))
        }
        const mark = () => {
          c = markSettled(c, reading?.attempts ?? []) ?? c
        }
        let now = 0
        for (const one of steps) {
          now += 1
          const before = c
          if (one.do === 'assign' || one.do === 'copy') {
            const to = {
              nodeId: one.node,
              nodeOwnerId: one.node === 'n1' ? 'owner-1' : one.node,
              terms: { microPerFrame: 1_000 + now, score: 7 },
            }
            c = (one.do === 'copy' ? assignCopy : assign)(c, to, now, now + 9) ?? c
          }
          if (one.do === 'deliver') c = acceptFrame(c, one.token, one.frame, { ...picture, renderMs: now }, now) ?? c
          else if (one.do === 'refuse')
            c =
              refuseFrame(c, one.token, one.frame, {
                verdict: 'rejected',
                sha256: 'b',
                at: now,
                error: { code: 'FRAME_TRUNCATED', message: '' },
              }) ?? c
          else if (one.do === 'expire') c = closeAttempt(c, one.token, 'expired', now) ?? c
          else if (one.do === 'release') c = closeAttempt(c, one.token, 'released', now) ?? c
          else if (one.do === 'fail') c = closeAttempt(c, one.token, 'failed', now, crash) ?? c
          else if (one.do === 'write') write()
          else if (one.do === 'mark') mark()
          else if (one.do === 'retry') c = follow(c, c.wanted, c.retryGeneration + 1, now) ?? c
          else c = follow(c, one.do === 'cancel' ? 'cancelled' : one.do === 'pause' ? 'paused' : 'run', c.retryGeneration, now) ?? c

          for (const [frame, entry] of Object.entries(c.accepted)) {
            const identity = JSON.stringify([entry.token, entry.at, entry.sha256])
            expect(acceptedAs.get(frame) ?? identity).toBe(identity)
            acceptedAs.set(frame, identity)
            expect(c.frames).toContain(Number(frame))
            expect(c.failed[frame]).toBeUndefined()
          }
          for (const frame of acceptedAs.keys()) expect(isAccepted(c, Number(frame))).toBe(true)
          expect(c.attempts.filter((attempt) => attempt.state === 'open').length).toBeLessThanOrEqual(2)
          expect(new Set(openAttempts(c).map(({ nodeId }) => nodeId)).size).toBe(openAttempts(c).length)
          expect(c.attempts.map((attempt) => attempt.token)).toEqual(c.attempts.map((_, index) => index + 1))
          expect(c.attempt).toBeGreaterThanOrEqual(before.attempt)
        }
        for (const last of openAttempts(c)) c = closeAttempt(c, last.token, 'expired', now + 1) ?? c
        c = follow(c, 'cancelled', c.retryGeneration, now + 2) ?? c
        write()
        mark()
        expect(c.attempts.every((attempt) => attempt.state === 'settled')).toBe(true)
        const entries = [...ledger.values()]
        expect(entries.reduce((sum, entry) => sum + entry.frames, 0)).toBe(acceptedAs.size)
        expect(entries.reduce((sum, entry) => sum + entry.grossMicro, 0)).toBe(
          Object.values(c.accepted).reduce((sum, { token }) => sum + priceOf(c, attemptOf(c, token)), 0),
        )
        for (const entry of entries) expect(entry.feeMicro + entry.netMicro).toBe(entry.grossMicro)
      }),
      { numRuns: 400 },
    )
  })
})
