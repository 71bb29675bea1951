import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import fc from 'fast-check'
import { ok, type Result } from '#shared/result.ts'
import type { SyncClient } from '#shared/sync/client.ts'
import type { SeriesAppendPayload, SeriesAppendReply } from '#shared/sync/protocol.ts'
import { openLocalDatabase, type LocalDatabase } from '../database/localDatabase.ts'
import { systemClock } from '../systemClock.ts'
import { quietLog } from '../testing/quietLog.ts'
import { openLocalSeries, type LocalSeries } from './localSeries.ts'
import { createSeriesShipper } from './shipper.ts'
import { cutToLine, cutToText } from './textCuts.ts'

let folder: string
let local: LocalDatabase
let series: LocalSeries
const opened = () => openLocalSeries(join(folder, 'series'), local, Date.now, quietLog)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-series-'))
  local = openLocalDatabase(folder)
  series = opened()
})
afterEach(async () => {
  await series.close()
  local.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A gateway's series: takes only what begins at its end. */
function createPeer() {
  const files = new Map<string, Buffer>()
  let reachable = true
  let loseAnswers = 0
  const seriesAppend = async ({ series: name, offset, text }: SeriesAppendPayload): Promise<Result<SeriesAppendReply>> => {
    const lost: Result<SeriesAppendReply> = { ok: false, error: { code: 'SERVER_UNREACHABLE', message: 'gone' } }
    if (!reachable) return lost
    const has = files.get(name) ?? Buffer.alloc(0)
    if (offset === has.length) files.set(name, Buffer.concat([has, Buffer.from(text)]))
    if (loseAnswers-- > 0) return lost
    return ok({ offset: files.get(name)?.length ?? 0 })
  }
  const client = {
    seriesAppend,
    state: () => ({ name: reachable ? 'live' : 'offline' }),
    onState: () => () => undefined,
  } as unknown as SyncClient
  return {
    client,
    files,
    text: (name: string) => files.get(name)?.toString('utf8') ?? '',
    setReachable: (value: boolean) => void (reachable = value),
    loseAnswers: (count: number) => void (loseAnswers = count),
  }
}
async function shipped(peer: ReturnType<typeof createPeer>, name: string, expected: string): Promise<void> {
  const shipper = createSeriesShipper({ series, client: peer.client, clock: systemClock, log: quietLog })
  shipper.start()
  await vi.waitFor(() => expect(peer.text(name)).toBe(expected), { timeout: 15_000 })
  await shipper.stop()
}

describe('local series', () => {
  it('keeps the order of what is appended and reads by range', async () => {
    for (let line = 0; line < 50; line++) series.append('log/task-1', `line ${line}\n`)
    const all = await series.read('log/task-1', 0, 10_000)
    expect(all.text.split('\n')).toHaveLength(51)
    expect(all).toMatchObject({ from: 0, size: all.text.length })
    const tail = await series.read('log/task-1', -20, 10_000)
    expect(tail.text).toBe('line 48\nline 49\n')
    expect(await series.read('log/task-1', 8, 12)).toEqual({ from: 14, text: 'line 2', size: all.size })
    expect(await series.read('log/none', 0, 10)).toEqual({ from: 0, text: '', size: 0 })
  })
  it('tells who listens', () => {
    const heard: string[] = []
    const off = series.onAppend((name, text) => heard.push(`${name} ${text}`))
    series.append('log/task-1', 'a')
    off()
    series.append('log/task-1', 'b')
    expect(heard).toEqual(['log/task-1 a'])
  })
  it('drops what is old and shipped', async () => {
    series.append('log/task-1', 'old')
    series.append('log/task-2', 'not shipped')
    await series.flush()
    series.setShipped('log/task-1', 3, 0)
    expect(await series.dropOlderThan(Date.now() + 1_000, 0)).toBe(1)
    expect(series.has('log/task-1')).toBe(false)
    expect((await series.read('log/task-2', 0, 100)).text).toBe('not shipped')
  })
})

describe('shipping', () => {
  it('sends what was there before and what comes, exactly once', async () => {
    const peer = createPeer()
    series.append('log/task-1', 'before ü\n')
    await shipped(peer, 'log/task-1', 'before ü\n')
    series.append('log/task-1', 'after\n')
    await shipped(peer, 'log/task-1', 'before ü\nafter\n')
    expect(series.unshipped()).toEqual([])
  })
  it('goes on from the peer’s offset when answers were lost', async () => {
    const peer = createPeer()
    peer.loseAnswers(2)
    series.append('log/task-1', 'one\ntwo\n')
    await shipped(peer, 'log/task-1', 'one\ntwo\n')
  })
  it('sends again what a restored peer has lost', async () => {
    const peer = createPeer()
    series.append('log/task-1', 'one\n')
    await shipped(peer, 'log/task-1', 'one\n')
    peer.files.set('log/task-1', Buffer.from('on'))
    series.append('log/task-1', 'two\n')
    await shipped(peer, 'log/task-1', 'one\ntwo\n')
  })
  it('goes on behind what the peer has when the local file was lost', async () => {
    const peer = createPeer()
    peer.files.set('log/task-1', Buffer.from('from before the disk died\n'))
    series.append('log/task-1', 'new\n')
    await shipped(peer, 'log/task-1', 'from before the disk died\nnew\n')
    await series.close()
    series = opened()
    series.append('log/task-1', 'newer\n')
    await shipped(peer, 'log/task-1', 'from before the disk died\nnew\nnewer\n')
  })
  it('waits while there is no line', async () => {
    const peer = createPeer()
    peer.setReachable(false)
    series.append('log/task-1', 'x')
    const shipper = createSeriesShipper({ series, client: peer.client, clock: systemClock, log: quietLog })
    shipper.start()
    await series.flush()
    await shipper.stop()
    expect(peer.files.size).toBe(0)
    expect(series.unshipped()).toHaveLength(1)
  })
  it('remembers over a restart what is not shipped', async () => {
    series.append('log/task-1', 'x')
    await series.close()
    appendFileSync(join(folder, 'series', 'log', 'task-1.txt'), 'y')
    series = opened()
    const peer = createPeer()
    await shipped(peer, 'log/task-1', 'xy')
  })
})

describe('cuts', () => {
  it('never break a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (text, at) => {
        const bytes = Buffer.from(text)
        const piece = cutToText(bytes.subarray(0, at % (bytes.length + 1)))
        if (piece.length > 3) expect(text.startsWith(piece.toString('utf8'))).toBe(true)
      }),
    )
  })
  it('begin at a line', () => {
    expect(cutToLine(Buffer.from('\nab\ncd'), 1)).toMatchObject({ skipped: 0 })
    expect(cutToLine(Buffer.from('xab\ncd'), 1)).toMatchObject({ skipped: 3 })
  })
})
