import { describe, expect, it, vi } from 'vitest'
import { durations } from '#shared/durations.ts'
import { appError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { FromChild, ToChild } from '#shared/processes/childProcess.ts'
import type { ExitReason, ProcessHandle } from './launcher.ts'
import { restartLimit, Supervisor, type SupervisorOptions } from './supervisor.ts'

class FakeProcess implements ProcessHandle {
  pid = 7
  sent: ToChild[] = []
  killed = false
  say: (message: FromChild) => void = () => undefined
  end: (reason: ExitReason) => void = () => undefined
  send(message: ToChild) {
    this.sent.push(message)
  }
  onMessage(handler: (message: FromChild) => void) {
    this.say = handler
  }
  onExit(handler: (reason: ExitReason) => void) {
    this.end = handler
  }
  killTree() {
    this.killed = true
    this.end({ code: null, signal: 'SIGKILL' })
  }
}

/** Time that moves only when told. */
function fakeClock() {
  let now = 0
  let waits: { at: number; callback: () => void }[] = []
  const clock: Clock = {
    now: () => now,
    monotonicMs: () => now,
    after(delayMs, callback) {
      const wait = { at: now + delayMs, callback }
      waits.push(wait)
      return () => (waits = waits.filter((one) => one !== wait))
    },
  }
  const advance = (ms: number) => {
    now += ms
    const due = waits.filter(({ at }) => at <= now)
    waits = waits.filter(({ at }) => at > now)
    for (const { callback } of due) callback()
  }
  return { clock, advance, nextWaitMs: () => Math.min(...waits.map(({ at }) => at - now)) }
}

function setUp(events: Pick<SupervisorOptions, 'onGaveUp'> = {}) {
  const started: FakeProcess[] = []
  const { clock, advance, nextWaitMs } = fakeClock()
  const log: Logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn(), child: () => log }
  const supervisor = new Supervisor({
    launcher: {
      launch() {
        const child = new FakeProcess()
        started.push(child)
        return child
      },
    },
    spec: { name: 'gateway', script: '/gateway.js', engineFlags: [], environment: {}, logFile: '/dev/null' },
    startOptions: () => ({ port: 1 }),
    log,
    clock,
    random: () => 0.999,
    ...events,
  })
  const process = (index: number): FakeProcess => {
    const child = started[index]
    if (!child) throw new Error(`process ${index} was not started`)
    return child
  }
  return { supervisor, started, process, advance, nextWaitMs }
}

describe('the supervisor', () => {
  it('starts the process with its options and hands over what it said', async () => {
    const { supervisor, process } = setUp()
    const ready = supervisor.start()
    expect(process(0).sent).toEqual([{ kind: 'start', options: { port: 1 } }])
    process(0).say({ kind: 'ready', value: { url: 'u' } })
    await expect(ready).resolves.toEqual({ url: 'u' })
  })

  it("rejects with the process's own error when the first start fails, and does not try again", async () => {
    const { supervisor, started, process, advance } = setUp()
    const ready = supervisor.start()
    process(0).say({ kind: 'failed', error: appError('PORT_IN_USE', { port: 80 }) })
    process(0).end({ code: 1, signal: null })
    await expect(ready).rejects.toMatchObject({ error: { code: 'PORT_IN_USE' } })
    advance(durations.restartMaxMs * 10)
    expect(started).toHaveLength(1)
  })

  it('starts anew after a failed start only when that process has ended, and then knows the new one', async () => {
    const { supervisor, process, started } = setUp()
    const first = supervisor.start()
    process(0).say({ kind: 'failed', error: appError('PORT_IN_USE', { port: 1 }) })
    await expect(first).rejects.toMatchObject({ error: { code: 'PORT_IN_USE' } })
    const second = supervisor.start()
    await Promise.resolve()
    expect(started).toHaveLength(1)
    process(0).end({ code: 1, signal: null })
    await vi.waitFor(() => expect(started).toHaveLength(2))
    process(1).say({ kind: 'ready', value: { url: 'http://x' } })
    expect(await second).toEqual({ url: 'http://x' })
    expect(supervisor.pid).toBe(7)
    const stopped = supervisor.stop()
    expect(process(1).sent.at(-1)).toEqual({ kind: 'stop' })
    process(1).end({ code: 0, signal: null })
    await stopped
    await expect(supervisor.start()).rejects.toMatchObject({ error: { code: 'CANCELLED' } })
  })
  it('gives up on a first start that says nothing, and ends it', async () => {
    const { supervisor, process, advance } = setUp()
    const ready = supervisor.start()
    advance(durations.processStartTimeoutMs)
    await expect(ready).rejects.toMatchObject({ error: { code: 'TIMED_OUT' } })
    expect(process(0).killed).toBe(true)
  })

  it('waits for a start as long as it says that it is at work, and no longer', async () => {
    const { supervisor, process, advance } = setUp()
    const ready = supervisor.start()
    for (let done = 1; done <= 10; done += 1) {
      advance(durations.processStartTimeoutMs - 1)
      process(0).say({ kind: 'starting', done: done * 1_000 })
    }
    expect(process(0).killed).toBe(false)
    advance(durations.processStartTimeoutMs)
    await expect(ready).rejects.toMatchObject({ error: { code: 'TIMED_OUT' } })
    expect(process(0).killed).toBe(true)
  })

  it('a start that is stopped half way was given up, and did not fail', async () => {
    const { supervisor, process } = setUp()
    const ready = supervisor.start()
    process(0).say({ kind: 'starting', done: 1 })
    void supervisor.stop()
    process(0).end({ code: 0, signal: null })
    await expect(ready).rejects.toMatchObject({ error: { code: 'CANCELLED' } })
  })

  it('brings a process back that died, later each time, whether it came up again or not', async () => {
    const { supervisor, started, process, advance, nextWaitMs } = setUp()
    void supervisor.start()
    process(0).say({ kind: 'ready', value: {} })
    const waits: number[] = []
    for (let index = 0; index < 8; index += 1) {
      if (index % 2 === 1) process(index).say({ kind: 'failed', error: appError('SERVER_STORE_UNREACHABLE') })
      process(index).end({ code: null, signal: 'SIGKILL' })
      waits.push(nextWaitMs())
      advance(nextWaitMs())
      expect(started).toHaveLength(index + 2)
    }
    expect(waits.slice(0, 3)).toEqual([500, 1000, 1999])
    expect(Math.max(...waits)).toBeLessThanOrEqual(durations.restartMaxMs)
  })

  it('rests after too many restarts in a row, says so, and tries again when asked or after the rest', () => {
    const onGaveUp = vi.fn()
    const { supervisor, started, process, advance, nextWaitMs } = setUp({ onGaveUp })
    void supervisor.start()
    process(0).say({ kind: 'ready', value: {} })
    for (let index = 0; index < restartLimit; index += 1) {
      process(index).end({ code: 7, signal: null })
      expect(onGaveUp).not.toHaveBeenCalled()
      advance(nextWaitMs())
    }
    process(restartLimit).end({ code: 7, signal: null })
    expect(onGaveUp).toHaveBeenCalledExactlyOnceWith('exit code 7', expect.any(Number))
    expect(nextWaitMs()).toBeGreaterThan(durations.restartMaxMs)
    supervisor.retry()
    supervisor.retry()
    expect(started, 'asked for, once').toHaveLength(restartLimit + 2)
    process(restartLimit + 1).end({ code: 7, signal: null })
    expect(nextWaitMs(), 'a new round begins quickly').toBeLessThanOrEqual(durations.restartMinMs)
  })

  it('ends a process that gives no sign of life, and starts another one', () => {
    const { supervisor, started, process, advance, nextWaitMs } = setUp()
    void supervisor.start()
    process(0).say({ kind: 'ready', value: {} })
    for (let beat = 0; beat < 5; beat += 1) {
      advance(durations.processHeartbeatMs)
      expect(process(0).sent.filter(({ kind }) => kind === 'alive')).toHaveLength(beat + 1)
      process(0).say({ kind: 'alive' })
    }
    // It slept with the computer: all waits are over at once, and it answers the last call.
    advance(durations.processHeartbeatMs)
    advance(durations.processSilenceMs)
    process(0).say({ kind: 'alive' })
    expect(process(0).killed).toBe(false)
    for (const ms of [durations.processHeartbeatMs, durations.processSilenceMs, durations.processLastCallMs]) advance(ms)
    expect(process(0).killed).toBe(true)
    advance(nextWaitMs())
    expect(started).toHaveLength(2)
  })

  it('forgets old failures of a process that then ran well', () => {
    const { supervisor, process, advance, nextWaitMs } = setUp()
    void supervisor.start()
    process(0).say({ kind: 'ready', value: {} })
    process(0).end({ code: 1, signal: null })
    advance(nextWaitMs())
    process(1).end({ code: 1, signal: null })
    advance(nextWaitMs())
    process(2).say({ kind: 'ready', value: {} })
    advance(120_000)
    process(2).end({ code: 1, signal: null })
    expect(nextWaitMs()).toBeLessThanOrEqual(durations.restartMinMs)
  })

  it('asks the process, and says when it is gone, silent or not yet back', async () => {
    const { supervisor, process, advance } = setUp()
    void supervisor.start()
    process(0).say({ kind: 'ready', value: {} })
    const answered = supervisor.ask('a', {})
    process(0).say({ kind: 'answer', id: 1, result: { ok: true, value: 'b' } })
    await expect(answered).resolves.toEqual({ ok: true, value: 'b' })
    const silent = supervisor.ask('a', {}, 1_000)
    advance(1_000)
    await expect(silent).resolves.toMatchObject({ error: { code: 'TIMED_OUT' } })
    const cut = supervisor.ask('a', {})
    process(0).end({ code: null, signal: 'SIGKILL' })
    await expect(cut).resolves.toMatchObject({ error: { code: 'PROCESS_FAILED' } })
    await expect(supervisor.ask('a', {})).resolves.toMatchObject({ error: { code: 'PROCESS_FAILED' } })
  })

  it('stops in an orderly way and starts nothing afterwards', async () => {
    const { supervisor, started, process, advance } = setUp()
    void supervisor.start()
    process(0).say({ kind: 'ready', value: {} })
    const stopped = supervisor.stop()
    expect(process(0).sent).toContainEqual({ kind: 'stop' })
    process(0).end({ code: 0, signal: null })
    await stopped
    advance(durations.restartMaxMs * 10)
    expect(started).toHaveLength(1)
    expect(process(0).killed).toBe(false)
  })

  it('ends by force what does not stop in time', async () => {
    const { supervisor, process, advance } = setUp()
    void supervisor.start()
    process(0).say({ kind: 'ready', value: {} })
    const stopped = supervisor.stop()
    advance(durations.processStopTimeoutMs)
    await stopped
    expect(process(0).killed).toBe(true)
  })

  it('is stopped while it waits for the next start', async () => {
    const { supervisor, started, process, advance } = setUp()
    void supervisor.start()
    process(0).say({ kind: 'ready', value: {} })
    process(0).end({ code: 1, signal: null })
    await supervisor.stop()
    advance(durations.restartMaxMs * 10)
    expect(started).toHaveLength(1)
  })
})
