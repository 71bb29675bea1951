import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Benchmark } from '#shared/collections/node.schema.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { createTestEngine, type TestEngine } from '../engines/testing/testEngine.ts'
import { createHolds, type Holds } from '../node/holds.ts'
import { manualClock, type ManualClock } from '../testing/manualClock.ts'
import { quietLog } from '../testing/quietLog.ts'
import type { EffectivePause } from '../tasks/pause.ts'
import { benchDue, idleBeforeBenchMs, nextBenchStep, patienceMs, type BenchChance } from './benchDue.ts'
import { keepBenchmark, type KeptBenchmark } from './keepBenchmark.ts'
import { middleOf, scoreOfRun } from './measureDevice.ts'
import { benchFingerprint, devicesToMeasure, runBench, type RunBench } from './runBench.ts'

const hardware = { cpuName: 'A processor', cpuCores: 2, ramMiB: 1, diskFreeMiB: null, gpus: [] }
const card = { index: 0, uuid: 'GPU-1', name: 'A card', vendor: 'NVIDIA', vramMiB: 8_192, driverVersion: '550.1' }
const blender = { kind: 'blender', version: '3.4.1', path: '/blender', engines: [], devices: [], denoisers: [] }

describe('the rule of when', () => {
  const facts = { known: true, fingerprint: 'a', benchmark: { fingerprint: 'a' }, askedAt: undefined, auto: true, waitingForMs: 0 }

  it('when something changed, when the owner asks, and not otherwise', () => {
    expect(benchDue(facts)).toBe('no')
    expect(benchDue({ ...facts, benchmark: null })).toBe('whenIdle')
    expect(benchDue({ ...facts, benchmark: { fingerprint: 'b' } })).toBe('whenIdle')
    expect(benchDue({ ...facts, benchmark: null, auto: false })).toBe('no')
    expect(benchDue({ ...facts, benchmark: null, waitingForMs: patienceMs })).toBe('asked')
    expect(benchDue({ ...facts, askedAt: 5 })).toBe('asked')
    expect(benchDue({ ...facts, askedAt: 5, benchmark: { fingerprint: 'a', askedAt: 5 } })).toBe('no')
    expect(benchDue({ ...facts, known: false, askedAt: 5 })).toBe('no')
  })

  it('never beside a render, never against a hold or a pause, and by itself only where nothing else is to be done', () => {
    const chance: fc.Arbitrary<BenchChance> = fc.record({
      due: fc.constantFrom('no', 'whenIdle', 'asked'),
      running: fc.boolean(),
      heldByOthers: fc.boolean(),
      rendering: fc.boolean(),
      tasks: fc.nat(3),
      idleForMs: fc.nat(200_000),
    })
    fc.assert(
      fc.property(chance, (now) => {
        const next = nextBenchStep(now)
        const runs = next.do === 'start' || next.do === 'goOn'
        if (runs)
          expect([now.heldByOthers, now.rendering && now.due === 'asked', now.due]).toEqual([false, false, expect.not.stringMatching('no')])
        if (runs && now.due === 'whenIdle') expect(now.tasks).toBe(0)
        if (next.do === 'start' && now.due === 'whenIdle') expect(now.idleForMs).toBeGreaterThanOrEqual(idleBeforeBenchMs)
        if (now.running && !runs) expect(next.do).toBe('stop')
        // The node is only kept from other work for what its owner asked for, and not while something else holds it anyway.
        if (next.hold) expect([now.due, now.heldByOthers]).toEqual(['asked', false])
      }),
    )
  })

  it('another driver, card, processor or Blender is another fingerprint; free disk space is not', () => {
    const prints = [
      benchFingerprint({ hardware }, [blender]),
      benchFingerprint({ hardware: { ...hardware, gpus: [card] } }, [blender]),
      benchFingerprint({ hardware: { ...hardware, gpus: [{ ...card, driverVersion: '551.0' }] } }, [blender]),
      benchFingerprint({ hardware: { ...hardware, cpuCores: 4 } }, [blender]),
      benchFingerprint({ hardware }, [blender, { ...blender, version: '4.2.0' }]),
    ]
    expect(new Set(prints).size).toBe(prints.length)
    expect(benchFingerprint({ hardware: { ...hardware, diskFreeMiB: 7 } }, [blender, { ...blender, version: '3.3.0' }])).toBe(prints[0])
  })

  it('each card by its UUID and the processor; cards that are no slot are left alone', () => {
    const two = { ...hardware, gpus: [card, { ...card, uuid: 'GPU-2' }] }
    expect(
      devicesToMeasure([{ kind: 'gpu', visible: ['GPU-1'], threads: 3 }], two).map(({ id, name, device }) => [id, name, device]),
    ).toEqual([
      ['GPU-1', 'A card', { kind: 'gpu', visible: ['GPU-1'], threads: 3 }],
      ['cpu', 'A processor', { kind: 'cpu', threads: 3 }],
    ])
    expect(devicesToMeasure([{ kind: 'cpu' }], hardware).map(({ id }) => id)).toEqual(['cpu'])
  })

  it('1,000 is a work unit a second; of several runs the middle one counts', () => {
    // 0.2304 megapixels × 100 samples
    expect(scoreOfRun(100, 23_040)).toBe(1_000)
    expect(scoreOfRun(100, 2_304)).toBe(10_000)
    expect([middleOf([5, 1, 9]), middleOf([4, 1, 9, 7]), middleOf([])]).toEqual([5, 4, 0])
  })
})

describe('with a real Blender', () => {
  let test_: TestEngine
  beforeEach(async () => void (test_ = await createTestEngine()))
  afterEach(() => test_.remove())
  const bench = async (more: Partial<RunBench> = {}): Promise<Result<Benchmark>> =>
    runBench({
      ...{
        engine: test_.engine,
        containment: test_.engine.containment,
        software: await test_.engine.probe(),
        inventory: { hardware },
        now: () => 7,
        watts: () => null,
      },
      ...{ folder: join(test_.folder, 'bench'), priority: 'low', signal: new AbortController().signal },
      ...{ devices: devicesToMeasure([{ kind: 'cpu' }], hardware), options: { runs: 3, runMs: 300 } },
      ...more,
    })

  it('benches the processor over several runs, and says which device could not be measured and why', async () => {
    const missing = { id: 'GPU-1', name: 'A card that is not there', device: { kind: 'gpu' as const, visible: ['GPU-1'] } }
    const result = await bench({ devices: [missing, ...devicesToMeasure([{ kind: 'cpu' }], hardware)] })
    expect(result).toMatchObject({ ok: true, value: { at: 7, scene: 'pictor-bench-1' } })
    if (!result.ok) return
    const [gpu, cpu] = result.value.devices
    expect(gpu).toMatchObject({ device: 'GPU-1', score: null, runs: [], error: { code: expect.any(String) as string } })
    expect(cpu).toMatchObject({ device: 'cpu', backend: 'CPU', name: 'A processor' })
    expect(cpu?.runs).toHaveLength(3)
    expect(cpu?.score).toBe(middleOf(cpu?.runs ?? []))
    expect(cpu?.score).toBeGreaterThan(0)
    expect(await readdir(test_.folder)).not.toContain('bench')
  }, 240_000)

  it('gives way at once and leaves nothing', async () => {
    const stop = new AbortController()
    const result = bench({ signal: stop.signal, onDevice: () => setImmediate(() => stop.abort()) })
    expect(await result).toMatchObject({ ok: false, error: { code: 'CANCELLED' } })
    expect(await readdir(test_.folder)).not.toContain('bench')
  }, 60_000)
})

describe('kept by a node', () => {
  let clock: ManualClock
  let holds: Holds
  let kept: KeptBenchmark
  let facts: Map<string, string>
  let world: {
    tasks: string[]
    rendering: string[]
    pause: EffectivePause['kind']
    askedAt: number | undefined
    fingerprint: string | null
  }
  let runs: { signal: AbortSignal; end(result: Result<Benchmark>): void }[]
  const result = (fingerprint: string): Benchmark => ({ at: 1, scene: 's', blenderVersion: '3.4', fingerprint, devices: [] })
  const settle = async () => {
    kept.wake()
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  const open = () =>
    keepBenchmark({
      ...{ holds, clock, log: quietLog, auto: true, serverNow: () => clock.now() },
      local: { readFact: (key) => facts.get(key) ?? null, writeFact: (key, value) => void facts.set(key, value) },
      pause: () => ({ kind: world.pause, holds: [], nextChangeMs: null }),
      runner: { summary: () => ({ renderingTaskIds: world.rendering }), holding: () => world.tasks },
      fingerprint: () => world.fingerprint,
      askedAt: () => world.askedAt,
      run: (signal) =>
        new Promise((resolve) => {
          runs.push({ signal, end: resolve })
          signal.addEventListener('abort', () => resolve(err(appError('CANCELLED'))))
        }),
    })
  beforeEach(() => {
    clock = manualClock()
    holds = createHolds({ clock, serverNow: () => clock.now() })
    facts = new Map()
    runs = []
    world = { tasks: [], rendering: [], pause: 'none', askedAt: undefined, fingerprint: 'a' }
    kept = open()
  })
  afterEach(async () => {
    await kept.stop()
    holds.stop()
  })

  it('measures a new node when it has rested for a minute, keeps the result, and again when its driver changes', async () => {
    await settle()
    expect([runs.length, kept.work()?.state, holds.list()]).toEqual([0, 'waiting', []])
    clock.advance(idleBeforeBenchMs + 20)
    await settle()
    expect([runs.length, kept.work()?.state]).toEqual([1, 'running'])
    runs[0]?.end(ok(result('a')))
    await settle()
    expect([kept.newest()?.fingerprint, kept.work()]).toEqual(['a', null])
    await kept.stop()
    kept = open()
    await settle()
    expect([kept.newest()?.fingerprint, kept.work(), runs.length]).toEqual(['a', null, 1])
    world.fingerprint = 'b'
    clock.advance(idleBeforeBenchMs + 20)
    await settle()
    expect(runs).toHaveLength(2)
  })

  it('gives way to a task and to a hold, and tries again later', async () => {
    await settle()
    clock.advance(idleBeforeBenchMs + 20)
    await settle()
    world.tasks = ['task-1']
    await settle()
    expect(runs[0]?.signal.aborted).toBe(true)
    expect(kept.work()?.state).toBe('waiting')
    world.tasks = []
    clock.advance(10 * 60_000)
    await settle()
    expect(runs).toHaveLength(2)
    holds.set('USER_ACTIVE', { blocks: true })
    await settle()
    expect(runs[1]?.signal.aborted).toBe(true)
    clock.advance(10 * 60_000)
    await settle()
    expect(runs).toHaveLength(2)
  })

  it('asked for, it waits for the frame in progress, keeps other work away meanwhile, and answers that wish', async () => {
    world.tasks = ['task-1']
    world.rendering = ['task-1']
    world.askedAt = 50
    await settle()
    expect([runs.length, holds.afterFrame(), kept.work()?.state]).toEqual([0, true, 'waiting'])
    world.rendering = []
    await settle()
    expect(runs).toHaveLength(1)
    runs[0]?.end(ok(result('a')))
    await settle()
    expect([kept.newest()?.askedAt, holds.has('BENCHMARK'), kept.work()]).toEqual([50, false, null])
  })

  it('a paused node is not measured, asked for or not', async () => {
    world.pause = 'now'
    world.askedAt = 50
    await settle()
    clock.advance(patienceMs * 2)
    await settle()
    expect([runs.length, holds.list(), kept.work()?.state]).toEqual([0, [], 'waiting'])
  })

  it('what fails is not tried over and over', async () => {
    world.askedAt = 50
    await settle()
    runs[0]?.end(err(appError('BLENDER_NOT_FOUND', { path: 'x', howTo: 'y' })))
    await settle()
    clock.advance(patienceMs)
    await settle()
    expect([runs.length, holds.list()]).toEqual([1, []])
    world.askedAt = 60
    await settle()
    expect(runs).toHaveLength(2)
  })
})
