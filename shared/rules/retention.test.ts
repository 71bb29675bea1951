import { describe, expect, it } from 'vitest'
import { durations } from '../durations.ts'
import { archiveCutoff, isOld } from './retention.ts'

const nowMs = Date.UTC(2026, 10, 27, 4)
const day = 86_400_000
/** The first moment that is not old. */
const cutoff = Date.UTC(2026, 7, 1)

describe('archiveCutoff', () => {
  it('is the beginning of a month, at least 90 days back', () => {
    expect(archiveCutoff(nowMs)).toBe(cutoff)
    for (let days = 0; days < 400; days += 1) {
      const at = nowMs + days * day
      expect(at - archiveCutoff(at)).toBeGreaterThanOrEqual(durations.archiveAfterMs)
      expect(new Date(archiveCutoff(at)).toISOString().slice(8)).toBe('01T00:00:00.000Z')
    }
  })
})

describe('isOld', () => {
  it('is what was over before that', () => {
    expect(isOld('tasks', { state: 'closed', closedAt: cutoff - 1, updatedAt: nowMs }, nowMs)).toBe(true)
    expect(isOld('tasks', { state: 'closed', closedAt: cutoff }, nowMs)).toBe(false)
    expect(isOld('runs', { state: 'done', finishedAt: cutoff - 1 }, nowMs)).toBe(true)
    expect(isOld('notices', { at: cutoff - 1 }, nowMs)).toBe(true)
    expect(isOld('jobStates', { state: 'cancelled', updatedAt: cutoff - 1 }, nowMs)).toBe(true)
  })

  it('is never what still goes on, however long, nor what a newer version calls its end', () => {
    expect(isOld('tasks', { state: 'assigned', createdAt: 1, updatedAt: 1 }, nowMs)).toBe(false)
    expect(isOld('runs', { state: 'uploading', updatedAt: 1 }, nowMs)).toBe(false)
    expect(isOld('runs', { state: 'evaporated', updatedAt: 1 }, nowMs)).toBe(false)
    expect(isOld('jobStates', { state: 'paused', updatedAt: 1 }, nowMs)).toBe(false)
    expect(isOld('jobStates', { state: 'done', updatedAt: 1, finishedAt: nowMs }, nowMs)).toBe(false)
  })

  it('is nothing of the ledger, the totals or the computers', () => {
    for (const name of ['earnings', 'rollups', 'workers', 'nodes', 'presence', 'profile', 'jobs'] as const)
      expect(isOld(name, { state: 'paid', createdAt: 1, updatedAt: 1, deletedAt: 1, at: 1 }, nowMs)).toBe(false)
  })
})
