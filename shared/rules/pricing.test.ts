import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { averageBid, baseMicroPerUnit, boundedBid, isBid, jobLimitMicroPerUnit } from './bids.ts'
import { copyDueMs, oldestUndueMs } from './copies.ts'
import { reliabilityOf, reliableSince } from './reliability.ts'
import { boundedScores, scoreBound } from './scoreBounds.ts'
import { headStartMs, mustWait, standingOf } from './standing.ts'
import { heaviestFactor, measuredMilliUnits, pricedMilliUnits } from './workMeasure.ts'

describe('the average bid', () => {
  it('is the base without bids, and the middle of the owners otherwise', () => {
    expect(averageBid([])).toBe(baseMicroPerUnit)
    expect(averageBid([[null, null]])).toBe(baseMicroPerUnit)
    expect(averageBid([[40], [60], [70]])).toBe(60)
    expect(averageBid([[1], [1], [1]])).toBe(baseMicroPerUnit / 2)
  })

  it('is not moved by one owner, however many workers it has and whatever they ask, while three others agree', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 1_000_000 }), { minLength: 1, maxLength: 200 }), (liars) => {
        expect(averageBid([liars, [50], [50], [50]])).toBe(50)
      }),
    )
  })

  it('knows a bid from none', () => {
    expect([0, 1, 1_000, 1_001, 1.5].map(isBid)).toEqual([false, true, true, false, false])
    expect([0, 5_000].map(boundedBid)).toEqual([1, 1_000])
    expect(averageBid([[900], [900]])).toBe(jobLimitMicroPerUnit)
  })
})

describe('what a frame is priced at', () => {
  const measures = fc.array(fc.record({ ownerId: fc.constantFrom('a', 'b', 'c', 'd'), milliUnits: fc.nat(1e9) }), { maxLength: 4 })

  it('is never less than what the settings say and never more than four times that', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), measures, (said, found) => {
        const priced = pricedMilliUnits(said, found, 'me', 'creator')
        expect(priced).toBeGreaterThanOrEqual(said)
        expect(priced).toBeLessThanOrEqual(said * heaviestFactor)
      }),
    )
  })

  it('does not listen to who is paid, nor to who pays', () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.nat(1e9), measures, (mine, creators, others) => {
        const lies = [{ ownerId: 'me', milliUnits: mine }, { ownerId: 'creator', milliUnits: creators }, ...others]
        expect(pricedMilliUnits(1_000, lies, 'me', 'creator')).toBe(pricedMilliUnits(1_000, others, 'me', 'creator'))
      }),
    )
  })

  it('is not raised by any lie beside one honest other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_000 }), measures, (honest, liars) => {
        const found = [{ ownerId: 'honest', milliUnits: honest }, ...liars]
        expect(pricedMilliUnits(1_000, found, 'me', 'creator')).toBeLessThanOrEqual(Math.max(1_000, honest))
      }),
    )
  })

  it('follows a scene that is heavier than its settings say, once two others found it so', () => {
    const found = (...milliUnits: number[]) => milliUnits.map((value, index) => ({ ownerId: `o${index}`, milliUnits: value }))
    expect(pricedMilliUnits(1_000, found(3_000), 'me', 'creator')).toBe(1_000)
    expect(pricedMilliUnits(1_000, found(3_000, 2_500), 'me', 'creator')).toBe(2_500)
    expect(pricedMilliUnits(1_000, found(90_000, 80_000), 'me', 'creator')).toBe(4_000)
  })

  it('a render time counts for no longer than the server saw pass', () => {
    expect(measuredMilliUnits(2_000, 5_000, 1_000)).toBe(2_000)
    expect(measuredMilliUnits(2_000, 5_000, 500)).toBe(1_000)
    expect(measuredMilliUnits(1e12, 5_000, 1_000)).toBe(5_000)
    expect(measuredMilliUnits(0, -5, 1_000)).toBe(1)
  })
})

describe('bounded scores', () => {
  const hardware = { cpuCores: 8, gpus: [{ uuid: 'GPU-1', name: 'NVIDIA GeForce RTX 3060' }] }
  const claim = (score: number, device = 'GPU-1') => ({ benchmark: { devices: [{ kind: 'gpu' as const, device, score }] }, hardware })

  it('cut a claim to what the model of the card can reach, and do not hear of a card that is not there', () => {
    const bound = scoreBound({ kind: 'gpu', name: 'NVIDIA GeForce RTX 3060' }, 8)
    expect(boundedScores(claim(90_000)).whole).toBe(90_000)
    expect(boundedScores(claim(1e9)).whole).toBe(bound)
    expect(boundedScores(claim(1e9, 'GPU-2')).whole).toBe(1_000)
    expect(scoreBound({ kind: 'gpu', name: 'Unheard of 9000' }, 8)).toBeLessThan(bound)
    expect(scoreBound({ kind: 'cpu', name: '' }, 1e6)).toBe(scoreBound({ kind: 'cpu', name: '' }, 256))
  })

  it('a node with cards is as fast as its cards together, and measures with the slowest; without a result it is the reference', () => {
    const two = { ...hardware, gpus: [...hardware.gpus, { uuid: 'GPU-2', name: 'NVIDIA GeForce RTX 4090' }] }
    const devices = [
      { kind: 'gpu' as const, device: 'GPU-1', score: 100_000 },
      { kind: 'gpu' as const, device: 'GPU-2', score: 500_000 },
      { kind: 'cpu' as const, device: 'cpu', score: 4_000 },
    ]
    expect(boundedScores({ benchmark: { devices }, hardware: two })).toEqual({ whole: 600_000, slowest: 100_000 })
    expect(boundedScores({ hardware })).toEqual({ whole: 1_000, slowest: 1_000 })
    expect(boundedScores({ benchmark: { devices: [{ kind: 'cpu', device: 'cpu', score: null }] }, hardware })).toEqual({
      whole: 1_000,
      slowest: 1_000,
    })
  })
})

describe('reliability and standing', () => {
  const share = fc.double({ min: 0.01, max: 1, noNaN: true })
  const score = fc.integer({ min: 1, max: 1_000_000 })
  const bid = fc.option(fc.integer({ min: 1, max: 1_000 }))

  it('a new worker begins at nine tenths; completing raises it, failing lowers it, and it stays within 0 and 1', () => {
    expect(reliabilityOf({ completed: 0, atFault: 0 })).toBe(0.9)
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(100_000), (completed, atFault) => {
        const now = reliabilityOf({ completed, atFault })
        expect(now).toBeGreaterThan(0)
        expect(now).toBeLessThan(1)
        expect(reliabilityOf({ completed: completed + 1, atFault })).toBeGreaterThan(now)
        expect(reliabilityOf({ completed, atFault: atFault + 1 })).toBeLessThan(now)
      }),
    )
    expect(reliableSince(Date.UTC(2026, 0, 20, 23))).toBe('2026-01-07')
  })

  it('stands better with more reliability, a higher score and a lower bid; for own jobs the bid does not count', () => {
    fc.assert(
      fc.property(share, score, bid, (reliability, points, bidMicroPerUnit) => {
        const node = { reliability, score: points, bidMicroPerUnit }
        const now = standingOf(node, 50, false)
        expect(standingOf({ ...node, reliability: Math.min(1, reliability * 1.1) }, 50, false)).toBeGreaterThanOrEqual(now)
        expect(standingOf({ ...node, score: points * 2 }, 50, false)).toBeGreaterThan(now)
        expect(standingOf({ ...node, bidMicroPerUnit: (bidMicroPerUnit ?? 50) + 1 }, 50, false)).toBeLessThan(now)
        expect(standingOf({ ...node, bidMicroPerUnit: 1_000 }, 50, true)).toBe(standingOf({ ...node, bidMicroPerUnit: null }, 50, true))
      }),
    )
    expect(standingOf({ reliability: 1, score: 4_000, bidMicroPerUnit: 50 }, 50, false)).toBe(2)
  })

  it('waits only while there are not chunks enough for all who go first', () => {
    expect(mustWait(0, 0)).toBe(false)
    expect(mustWait(2, 2)).toBe(true)
    expect(mustWait(2, 3)).toBe(false)
    expect(headStartMs).toBeLessThanOrEqual(2_000)
  })
})

it('a copy is due after twice the usual time, never within a minute', () => {
  expect(copyDueMs(0, 1, 1_000)).toBe(60_000)
  expect(copyDueMs(1_000, 4, 30_000)).toBe(241_000)
  fc.assert(
    fc.property(fc.nat(1e9), fc.integer({ min: 1, max: 250 }), fc.nat(1e6), (issued, frames, frameMs) => {
      const due = copyDueMs(issued, frames, frameMs)
      expect(oldestUndueMs(due)).toBeGreaterThanOrEqual(issued)
    }),
  )
})
