import { describe, expect, it } from 'vitest'
import type { Uplink } from '#shared/api/runtimeCalls.ts'
import { appError } from '#shared/errors/appError.ts'
import { clientStates } from '#shared/sync/clientState.ts'
import type { HelloReply } from '#shared/sync/protocol.ts'
import { syncPill, syncTone, whileStarting } from './syncPill.ts'

const live = clientStates.live(10, {} as HelloReply)
const away = appError('SERVER_UNREACHABLE', { server: 'peer' })
const uplink = (extra: Partial<Uplink>): Uplink => ({
  state: 'live',
  since: 5,
  serverUrl: 'https://farm.example',
  error: null,
  framesWaiting: 0,
  documentsWaiting: 0,
  ...extra,
})

describe('syncPill', () => {
  it('says live only when both lines stand', () => {
    expect(syncPill(live, 'gateway', null, null, null)).toEqual({ kind: 'live', since: 10 })
    expect(syncPill(live, 'runtime', uplink({}), null, null)).toEqual({ kind: 'live', since: 5 })
    expect(syncPill(live, 'runtime', uplink({ state: 'offline', since: 7, framesWaiting: 3 }), null, null)).toEqual({
      kind: 'offline',
      since: 7,
      peer: 'gateway',
      framesWaiting: 3,
    })
  })
  it('names the nearer line first: without the runtime its uplink is not known', () => {
    const pill = syncPill(clientStates.offline(20, away, 30), 'runtime', uplink({}), null, 15)
    expect(pill).toEqual({ kind: 'noRuntime', since: 15 })
    expect(syncTone(pill)).toBe('bad')
  })
  it('keeps the time the line was lost through each new try', () => {
    expect(syncPill(clientStates.connecting(90), 'gateway', null, null, 15)).toMatchObject({ kind: 'offline', since: 15 })
  })
  it('does not say offline before it ever connected', () => {
    expect(syncPill(clientStates.connecting(90), 'gateway', null, null, null)).toEqual({ kind: 'starting' })
  })
  it('says what the app starts instead of calling it away, and hides nothing else behind it', () => {
    const parts = ['runtime', 'store'] as const
    const noRuntime = syncPill(clientStates.offline(20, away, 30), 'runtime', null, null, 20)
    const cut = syncPill(live, 'runtime', uplink({ state: 'offline' }), null, null)
    for (const pill of [noRuntime, cut]) {
      expect(whileStarting(pill, parts)).toEqual({ kind: 'starting', parts })
      expect(whileStarting(pill, []), 'afterwards it is').toBe(pill)
    }
    const refused = syncPill(live, 'runtime', uplink({ state: 'updateNeeded' }), null, null)
    expect(whileStarting(refused, parts)).toBe(refused)
  })
  it('counts what is still on its way', () => {
    expect(syncPill(live, 'gateway', null, 1_240, null)).toEqual({ kind: 'catchingUp', count: 1_240 })
    expect(syncPill(live, 'runtime', uplink({ state: 'catchingUp', documentsWaiting: 12 }), null, null)).toEqual({
      kind: 'catchingUp',
      count: 12,
    })
  })
  it('tells a refusal and an old version from being offline', () => {
    const refused = { ...appError('NODE_REVOKED'), details: {} }
    expect(syncPill(live, 'runtime', uplink({ state: 'refused', error: { ...refused } }), null, null)).toMatchObject({
      kind: 'refused',
      error: refused,
    })
    expect(syncPill(clientStates.refused(3, appError('PROTOCOL_TOO_OLD'), null), 'gateway', null, null, null).kind).toBe('updateNeeded')
  })
  it('says local where there is no server', () => {
    expect(syncPill(live, 'runtime', uplink({ state: 'local', serverUrl: null }), null, null)).toEqual({ kind: 'local', since: 5 })
  })
})
