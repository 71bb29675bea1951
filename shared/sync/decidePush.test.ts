import { describe, expect, it } from 'vitest'
import { formatStamp, parseStamp } from '../rules/stamps.ts'
import { decidePush } from './decidePush.ts'
import type { WireDocument } from './protocol.ts'

const owner = { ownerId: 'owner-1', nodeId: null, isOwner: true }
const otherOwner = { ownerId: 'owner-2', nodeId: null, isOwner: true }
const node = { ownerId: 'owner-1', nodeId: 'node-1', isOwner: false }
const otherNode = { ownerId: 'owner-1', nodeId: 'node-2', isOwner: false }
const options = { reclaim: false, serverNowMs: 1_000 }
const run = (extra: object = {}): WireDocument => ({
  id: 'task-1',
  ownerId: 'owner-1',
  nodeId: 'node-1',
  jobId: 'job-1',
  updatedAt: 1,
  leaseToken: 1,
  state: 'queued',
  createdAt: 1,
  frames: {},
  warnings: [],
  ...extra,
})
const profile = (extra: object = {}): WireDocument => ({
  id: 'owner-1',
  ownerId: 'owner-1',
  updatedAt: 1,
  name: 'Ada',
  stamps: {},
  ...extra,
})

describe('decidePush', () => {
  it('writes what is new or replaces what the client knew', () => {
    expect(decidePush(node, 'runs', { assumed: null, document: run() }, null, options)).toMatchObject({ kind: 'write' })
    expect(decidePush(node, 'runs', { assumed: run(), document: run({ state: 'done' }) }, run(), options)).toMatchObject({ kind: 'write' })
  })
  it('takes a repeated push as done', () => {
    expect(decidePush(node, 'runs', { assumed: null, document: run() }, run(), options)).toEqual({ kind: 'same' })
  })
  it('answers a conflict with what stands', () => {
    const current = run({ state: 'rendering' })
    expect(decidePush(node, 'runs', { assumed: run(), document: run({ state: 'done' }) }, current, options)).toEqual({
      kind: 'conflict',
      current,
    })
    expect(decidePush(node, 'runs', { document: run({ state: 'done' }) }, current, options)).toEqual({ kind: 'conflict', current })
  })
  it('never shows a document that the session may not see', () => {
    for (const who of [otherOwner, otherNode]) {
      const decision = decidePush(who, 'runs', { assumed: run(), document: run() }, run(), options)
      expect(decision).toMatchObject({ kind: 'refuse', refusal: { error: { code: 'DOCUMENT_FORBIDDEN' }, current: null } })
    }
  })
  it('refuses what is malformed, too large, or marked as forgotten', () => {
    const refused = (document: WireDocument) => decidePush(node, 'runs', { assumed: null, document }, null, options)
    expect(refused(run({ state: 'dancing' }))).toMatchObject({ refusal: { error: { code: 'DOCUMENT_INVALID' } } })
    expect(refused(run({ _deleted: true }))).toMatchObject({ refusal: { error: { code: 'DOCUMENT_INVALID' } } })
    expect(refused(run({ note: 'x'.repeat(1_100_000) }))).toMatchObject({ refusal: { error: { code: 'DOCUMENT_TOO_LARGE' } } })
  })
  it('keeps fields of newer versions', () => {
    const document = run({ fieldOfTomorrow: { a: 1 } })
    expect(decidePush(node, 'runs', { assumed: null, document }, null, options)).toEqual({ kind: 'write', document })
  })
  it('lets a writer bring back its newer version after a restore, never its older one', () => {
    const reclaim = { reclaim: true, serverNowMs: 1_000 }
    const row = (updatedAt: number) => ({ assumed: null, document: run({ updatedAt, state: 'done' }) })
    expect(decidePush(node, 'runs', row(9), run({ updatedAt: 3 }), reclaim)).toMatchObject({ kind: 'write' })
    expect(decidePush(node, 'runs', row(2), run({ updatedAt: 3 }), reclaim)).toMatchObject({ kind: 'conflict' })
  })
  it('merges instead of reclaiming where fields merge, and cuts stamps of the future', () => {
    const future = formatStamp({ timeMs: 99_000_000, counter: 0, writer: 'a' })
    const document = profile({ name: 'Grace', updatedAt: 9, stamps: { name: future } })
    const reclaim = { reclaim: true, serverNowMs: 1_000 }
    expect(decidePush(owner, 'profile', { assumed: null, document }, profile(), reclaim)).toMatchObject({ kind: 'conflict' })
    const decision = decidePush(owner, 'profile', { assumed: profile(), document }, profile(), options)
    if (decision.kind !== 'write') throw new Error('not written')
    expect(parseStamp((decision.document['stamps'] as Record<string, string>)['name'] ?? '')?.timeMs).toBe(1_000)
  })
})
