import { describe, expect, it, vi } from 'vitest'
import { appError, AppErrorException } from '../errors/appError.ts'
import { err, ok } from '../result.ts'
import type { JsonObject } from '../json.ts'
import { serveParent, type FromChild, type ParentPort, type StartedChild, type TellStarting, type ToChild } from './childProcess.ts'

function setUp(start: (options: JsonObject, tellStarting: TellStarting) => Promise<StartedChild>) {
  const sent: FromChild[] = []
  const exit = vi.fn()
  let tell: (message: ToChild, ports: readonly unknown[]) => void = () => undefined
  let closed: () => void = () => undefined
  const port: ParentPort = {
    send: (message) => sent.push(message),
    onMessage: (handler) => (tell = handler),
    onClosed: (handler) => (closed = handler),
  }
  serveParent(port, start, exit)
  return { sent, exit, tell: (message: ToChild, ...ports: unknown[]) => tell(message, ports), parentGone: () => closed() }
}

describe('a process that its parent started', () => {
  it('says ready with its addresses, stops once and exits with 0', async () => {
    const stop = vi.fn(() => Promise.resolve())
    const child = setUp(() => Promise.resolve({ value: { port: 1 }, stop }))
    child.tell({ kind: 'start', options: {} })
    await vi.waitFor(() => expect(child.sent).toEqual([{ kind: 'ready', value: { port: 1 } }]))
    child.tell({ kind: 'stop' })
    child.parentGone()
    await vi.waitFor(() => expect(child.exit).toHaveBeenCalledExactlyOnceWith(0))
    expect(stop).toHaveBeenCalledOnce()
  })

  it('gives a sign of life when it is asked, also before it is up', () => {
    const child = setUp(() => new Promise(() => undefined))
    child.tell({ kind: 'alive' })
    child.tell({ kind: 'start', options: {} })
    child.tell({ kind: 'alive' })
    expect(child.sent).toEqual([{ kind: 'alive' }, { kind: 'alive' }])
  })

  it('tells that a long start goes on', () => {
    const child = setUp((_options, tellStarting) => {
      tellStarting(7)
      return new Promise(() => undefined)
    })
    child.tell({ kind: 'start', options: {} })
    expect(child.sent).toEqual([{ kind: 'starting', done: 7 }])
  })

  it('tells nothing of that kind once it is up, and a stop cuts nothing off then', async () => {
    let tell: TellStarting = () => undefined
    const child = setUp((_options, tellStarting) => {
      tell = tellStarting
      return Promise.resolve({ value: {}, stop: () => new Promise(() => undefined) })
    })
    child.tell({ kind: 'start', options: {} })
    await vi.waitFor(() => expect(child.sent).toHaveLength(1))
    tell(1)
    child.tell({ kind: 'stop' })
    expect(() => tell(2)).not.toThrow()
    expect(child.sent).toEqual([{ kind: 'ready', value: {} }])
  })

  it('ends a long start in order when it is told to stop meanwhile', async () => {
    const goOn = Promise.withResolvers<void>()
    const closed = vi.fn()
    const child = setUp(async (_options, tellStarting) => {
      try {
        for (let done = 1; ; done += 1) {
          tellStarting(done)
          await goOn.promise
        }
      } finally {
        closed()
      }
    })
    child.tell({ kind: 'start', options: {} })
    child.tell({ kind: 'stop' })
    goOn.resolve()
    await vi.waitFor(() => expect(child.exit).toHaveBeenCalledWith(0))
    expect(closed).toHaveBeenCalled()
    expect(child.exit).not.toHaveBeenCalledWith(1)
    expect(child.sent).toEqual([{ kind: 'starting', done: 1 }])
  })

  it('serves a window over the port that comes along, once it is up', async () => {
    const openWindow = vi.fn()
    const child = setUp(() => Promise.resolve({ value: {}, openWindow, stop: () => Promise.resolve() }))
    child.tell({ kind: 'window' }, 'too early')
    child.tell({ kind: 'start', options: {} })
    child.tell({ kind: 'window' }, 'port')
    child.tell({ kind: 'window' })
    await vi.waitFor(() => expect(openWindow).toHaveBeenCalledExactlyOnceWith('port'))
  })

  it('hands its start error over as data and exits with 1', async () => {
    const child = setUp(() => Promise.reject(new AppErrorException(appError('PORT_IN_USE', { port: 80 }))))
    child.tell({ kind: 'start', options: {} })
    await vi.waitFor(() => expect(child.exit).toHaveBeenCalledWith(1))
    expect(child.sent).toEqual([{ kind: 'failed', error: appError('PORT_IN_USE', { port: 80 }) }])
  })

  it('answers what its parent asks, errors as data', async () => {
    const child = setUp(() =>
      Promise.resolve({
        value: {},
        answer: (name, input) => (name === 'echo' ? Promise.resolve(ok(input)) : Promise.reject(new Error('broken'))),
        stop: () => Promise.resolve(),
      }),
    )
    child.tell({ kind: 'start', options: {} })
    child.tell({ kind: 'ask', id: 1, name: 'echo', input: { a: 1 } })
    child.tell({ kind: 'ask', id: 2, name: 'break', input: {} })
    await vi.waitFor(() => expect(child.sent).toHaveLength(3))
    expect(child.sent).toContainEqual({ kind: 'answer', id: 1, result: ok({ a: 1 }) })
    expect(child.sent).toContainEqual({ kind: 'answer', id: 2, result: err(appError('UNEXPECTED', { reason: 'broken' })) })
  })

  it('is told to stop while it starts: finishes starting, then stops', async () => {
    const stop = vi.fn(() => Promise.resolve())
    const { promise, resolve } = Promise.withResolvers<StartedChild>()
    const child = setUp(() => promise)
    child.tell({ kind: 'start', options: {} })
    child.tell({ kind: 'stop' })
    expect(stop).not.toHaveBeenCalled()
    resolve({ value: {}, stop })
    await vi.waitFor(() => expect(child.exit).toHaveBeenCalledWith(0))
    expect(stop).toHaveBeenCalledOnce()
  })

  it('stops when its parent is gone, even before it was started', () => {
    const child = setUp(() => Promise.reject(new Error('not started')))
    child.parentGone()
    expect(child.exit).toHaveBeenCalledWith(0)
  })
})
