import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NodeDocument } from '../collections/node.schema.ts'
import type { Presence } from '../collections/presence.schema.ts'
import { isHeard, mayMove, statusMoves, statusOf, workerStatuses } from './status.ts'

const now = 1_800_000_000_000
const node = (changes: Partial<NodeDocument> = {}): NodeDocument => ({
  id: 'node-1',
  ownerId: 'owner-1',
  updatedAt: now,
  startedAt: now - 60_000,
  appVersion: '0.1.0',
  os: { platform: 'linux', name: 'Debian', release: '12', arch: 'x64', hostname: 'h' },
  hardware: { cpuName: 'c', cpuCores: 2, ramMiB: 8_000, diskFreeMiB: 9_000, gpus: [] },
  software: [],
  activeTaskIds: [],
  holds: [],
  failedChecks: [],
  containmentLevel: 'none',
  generationDone: 0,
  queuedTaskCount: 0,
  framesWaitingToUpload: 0,
  ...changes,
})
const presence = (changes: Partial<Presence> = {}): Presence => ({
  id: 'node-1',
  ownerId: 'owner-1',
  updatedAt: now,
  connected: true,
  since: now - 50_000,
  lastHeardAt: now,
  gatewayId: 'g',
  ...changes,
})
const check = { code: 'VRAM_TOO_SMALL', found: '2 GiB', wanted: '4 GiB' }
const blocked: NonNullable<NodeDocument['blocked']> = { code: 'FOREIGN_LOAD', since: now - 1_000, until: now + 1_000 }
const hold = { code: 'PAUSED_BY_OWNER', since: now - 5 }
const silent = presence({ connected: false, lastHeardAt: now - 90_000 })

describe('statusOf', () => {
  it('takes the first that matches, in the order of the table', () => {
    const everything = { failedChecks: [check], blocked, terminated: { code: 'CRASH', at: now }, holds: [hold], activeTaskIds: ['t'] }
    expect(statusOf({ node: node(everything), presence: silent, nowMs: now })).toMatchObject({
      status: 'unsupported',
      code: 'VRAM_TOO_SMALL',
    })
    expect(statusOf({ node: node({ ...everything, failedChecks: [] }), presence: silent, nowMs: now })).toMatchObject({ status: 'blocked' })
    const cut = node({ terminated: { code: 'CRASH', at: now }, holds: [hold], activeTaskIds: ['t'] })
    expect(statusOf({ node: cut, presence: silent, nowMs: now })).toMatchObject({ status: 'terminated', code: 'CRASH' })
    expect(statusOf({ node: node({ holds: [hold], activeTaskIds: ['t'] }), presence: presence(), nowMs: now })).toMatchObject({
      status: 'offline',
      code: 'PAUSED_BY_OWNER',
    })
    expect(statusOf({ node: node({ activeTaskIds: ['t'] }), presence: presence(), nowMs: now }).status).toBe('processing')
    expect(statusOf({ node: node(), presence: presence(), nowMs: now }).status).toBe('online')
  })

  it('is not online for hours because the server’s clock was set back after it was last heard', () => {
    const ahead = presence({ connected: false, lastHeardAt: now + 7_200_000 })
    expect(statusOf({ node: node(), presence: ahead, nowMs: now })).toMatchObject({ status: 'offline', code: 'NOT_HEARD' })
    expect(statusOf({ node: node(), presence: { ...ahead, connected: true }, nowMs: now }).status).toBe('online')
  })

  it('is offline exactly 90 s after the line broke, and says so when it was rendering', () => {
    const at = (ms: number) =>
      statusOf({ node: node({ activeTaskIds: ['t'] }), presence: presence({ connected: false, lastHeardAt: now - ms }), nowMs: now })
    expect(at(89_999).status).toBe('processing')
    expect(at(90_000)).toMatchObject({ status: 'offline', code: 'NOT_HEARD_WHILE_RENDERING', sinceMs: now - 90_000 })
  })

  it('shows a node with the line cut as working on its own page, with the time of the cut', () => {
    const result = statusOf({ node: node({ activeTaskIds: ['t'] }), presence: silent, nowMs: now, seenFrom: 'node' })
    expect(result).toMatchObject({ status: 'processing', lineCutSinceMs: now - 90_000 })
  })

  it('ends a block by itself', () => {
    expect(statusOf({ node: node({ blocked }), presence: presence(), nowMs: now + 1_000 }).status).toBe('online')
  })

  it('knows quitting, never having started, and a lease that ended with work in hand', () => {
    expect(statusOf({ node: node({ stoppedAt: now }), presence: presence(), nowMs: now })).toMatchObject({
      status: 'offline',
      code: 'QUIT',
    })
    expect(statusOf({ node: null, presence: null, nowMs: now })).toMatchObject({ status: 'offline', code: 'NEVER_STARTED' })
    expect(statusOf({ node: node(), presence: silent, nowMs: now, leaseExpiredAtMs: now - 10 })).toMatchObject({
      status: 'terminated',
      code: 'LEASE_EXPIRED',
    })
    expect(statusOf({ node: node(), presence: presence(), nowMs: now, leaseExpiredAtMs: now - 10 }).status).toBe('online')
  })

  it('is total: any combination gives one of the six with a code', () => {
    fc.assert(
      fc.property(
        fc.record({
          check: fc.boolean(),
          block: fc.boolean(),
          cut: fc.boolean(),
          hold: fc.boolean(),
          active: fc.boolean(),
          stopped: fc.boolean(),
          connected: fc.boolean(),
          age: fc.integer({ min: 0, max: 200_000 }),
          own: fc.boolean(),
        }),
        (x) => {
          const document = node({
            failedChecks: x.check ? [check] : [],
            holds: x.hold ? [hold] : [],
            activeTaskIds: x.active ? ['t'] : [],
            ...(x.block ? { blocked } : {}),
            ...(x.cut ? { terminated: { code: 'CRASH', at: now } } : {}),
            ...(x.stopped ? { stoppedAt: now } : {}),
          })
          const seen = presence({ connected: x.connected, lastHeardAt: now - x.age })
          const result = statusOf({ node: document, presence: seen, nowMs: now, seenFrom: x.own ? 'node' : 'server' })
          expect(workerStatuses).toContain(result.status)
          expect(result.code).not.toBe('')
          if (result.status === 'online' || result.status === 'processing')
            expect(x.check || x.block || x.cut || x.hold || x.stopped).toBe(false)
          if (!x.own && !isHeard(seen, now)) expect(['processing', 'online']).not.toContain(result.status)
        },
      ),
    )
  })
})

describe('the table of moves', () => {
  it('lets a block begin in the middle of work only, and every status be left', () => {
    for (const from of workerStatuses) {
      // Behind a failed check a block may already stand, which shows again when the check passes.
      expect(mayMove(from, 'blocked')).toBe(['processing', 'blocked', 'unsupported'].includes(from))
      expect(statusMoves[from].length).toBeGreaterThan(0)
      expect(statusMoves[from]).not.toContain(from)
    }
    expect(mayMove('blocked', 'processing')).toBe(false)
    expect(mayMove('online', 'blocked')).toBe(false)
  })

  /** What can happen to a node, one thing at a time, as the runtime lets it happen. */
  const events: Record<string, (document: NodeDocument) => NodeDocument> = {
    checkFails: (document) => ({ ...document, failedChecks: [check] }),
    checksPass: (document) => ({ ...document, failedChecks: [] }),
    taskBegins: (document) =>
      document.failedChecks.length + document.holds.length > 0 || document.blocked || document.stoppedAt !== undefined
        ? document
        : { ...document, activeTaskIds: ['t'] },
    taskEnds: (document) => ({ ...document, activeTaskIds: [] }),
    holdBegins: (document) => ({ ...document, holds: [hold] }),
    holdEnds: (document) => ({ ...document, holds: [] }),
    // Only work in progress is blocked, and its run is released with it.
    blocks: (document) =>
      document.activeTaskIds.length > 0 && document.holds.length === 0 && document.failedChecks.length === 0 && !document.terminated
        ? { ...document, blocked, activeTaskIds: [] }
        : document,
    blockEnds: ({ blocked: _over, ...document }) => document,
    workIsCut: (document) =>
      document.activeTaskIds.length > 0 ? { ...document, activeTaskIds: [], terminated: { code: 'CRASH', at: now } } : document,
    cutWasShown: ({ terminated: _over, ...document }) => document,
    quits: (document) => ({ ...document, stoppedAt: now, activeTaskIds: [] }),
    starts: ({ stoppedAt: _over, ...document }) => document,
  }

  it('has every move that a node can make, one event at a time', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.keys(events)), { maxLength: 60 }), (names) => {
        let document = node()
        let before = statusOf({ node: document, presence: null, nowMs: now, seenFrom: 'node' }).status
        for (const name of names) {
          document = events[name]?.(document) ?? document
          const { status } = statusOf({ node: document, presence: null, nowMs: now, seenFrom: 'node' })
          if (status !== before) seen.add(`${before} > ${status}`)
          expect(mayMove(before, status), `${before} > ${status} by ${name}`).toBe(true)
          before = status
        }
      }),
      { numRuns: 2_000 },
    )
    // The walk is no toy: it found most of what the table allows.
    expect(seen.size).toBeGreaterThan(15)
  })
})
