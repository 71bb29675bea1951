import { chmod, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkRequirements, networkRequirements } from '#shared/rules/requirements.ts'
import { quietLog } from '../../testing/quietLog.ts'
import { probeBlender } from '../discovery/probe.ts'
import type { EngineSoftware } from '../engine.ts'
import { createTestEngine } from '../testing/testEngine.ts'
import { backendsFor, provenDevice } from './deviceProof.ts'
import { createProofCache } from './proofCache.ts'
import { createContainment } from '../process/containment.ts'
import { systemClock } from '../../systemClock.ts'
import { proveDevice } from './proveDevice.ts'
import { proveDevices } from './proveDevices.ts'

// The played Blender writes what it was asked beside itself, which a contained one could not.
const containment = createContainment({ clock: systemClock, log: quietLog, level: 'basic' })

let folder: string
let blender: EngineSoftware
const calls = async () => (await readFile(join(folder, 'calls'), 'utf8').catch(() => '')).trim().split('\n').filter(Boolean)

/**
 * A played Blender: reads our script's settings as Blender would, and answers by backend and by the card it may see. OPTIX never works, CUDA
 * only on the card A, HIP crashes.
 */
const played = `#!/usr/bin/env node
const { readFileSync, appendFileSync } = require('node:fs')
const script = process.argv[process.argv.indexOf('-P') + 1]
const line = readFileSync(script, 'utf8').split('\\n').find((one) => one.startsWith('CONFIG = '))
const { prefix, backend } = JSON.parse(JSON.parse(line.slice('CONFIG = json.loads('.length, -1)))
const card = process.env.CUDA_VISIBLE_DEVICES ?? ''
appendFileSync(__dirname + '/calls', backend + ' ' + card + '\\n')
const say = (facts) => console.log('\\n' + prefix + JSON.stringify({ event: 'proved', backend, devices: [], ms: 5, ...facts }))
if (backend === 'HIP') process.abort()
else if (backend === 'OPTIX') say({ works: false, reason: 'Failed to load OptiX kernel' })
else if (backend === 'CUDA') card === 'GPU-A' ? say({ works: true }) : say({ works: false, reason: 'CUDA_ERROR_NO_BINARY_FOR_GPU' })
else say({ works: true })
`

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictor-devices-'))
  const path = join(folder, 'blender')
  await writeFile(path, played)
  await chmod(path, 0o755)
  blender = { kind: 'blender', version: '4.2.0', path, engines: ['CYCLES'], devices: ['CPU', 'CUDA', 'OPTIX'], denoisers: [] }
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const card = (uuid: string, driverVersion = '550.1') => ({ uuid, driverVersion })
const prove = async (cards: ReturnType<typeof card>[], programs = [blender], nowMs = Date.now()) =>
  proveDevices({
    containment,
    ...{ blenders: programs, cards, cacheFolder: join(folder, 'kernels'), logger: quietLog },
    cache: createProofCache(join(folder, 'proofs.json'), () => nowMs),
  })

describe('with a played Blender', () => {
  test('the best backend that really renders is used on each card; what failed is passed over and says why', async () => {
    const [proven] = await prove([card('GPU-A'), card('GPU-B')])
    expect(proven?.proofs).toMatchObject([
      { backend: 'OPTIX', card: 'GPU-A', works: false, reason: 'Failed to load OptiX kernel' },
      { backend: 'CUDA', card: 'GPU-A', works: true },
      { backend: 'OPTIX', card: 'GPU-B', works: false },
      { backend: 'CUDA', card: 'GPU-B', works: false, reason: 'CUDA_ERROR_NO_BINARY_FOR_GPU' },
    ])
    const known = proven as EngineSoftware
    expect([backendsFor(known, 'GPU-A'), backendsFor(known, 'GPU-B')]).toEqual([['CUDA'], []])
    expect(provenDevice({ kind: 'gpu', visible: ['GPU-A'], threads: 2 }, known)).toEqual({
      ...{ kind: 'gpu', visible: ['GPU-A'], threads: 2, backends: ['CUDA'] },
    })
    expect(provenDevice({ kind: 'gpu', visible: ['GPU-B'] }, known)).toBeNull()
    expect(provenDevice({ kind: 'cpu' }, known)).toEqual({ kind: 'cpu' })

    const gpu = (uuid: string) => ({
      ...{ index: 0, uuid, name: uuid, vendor: 'NVIDIA', vramMiB: 24_000, driverVersion: '550.1', computeCapability: '8.9' },
    })
    const hardware = { cpuName: '', cpuCores: 8, ramMiB: 64_000, diskFreeMiB: 1e6, gpus: [gpu('GPU-A'), gpu('GPU-B')] }
    const os = { platform: 'linux', name: '', release: '', arch: '', hostname: '' }
    const checks = checkRequirements(networkRequirements, { hardware, os, software: [known] }).filter(
      ({ code }) => code === 'GPU_NOT_USABLE',
    )
    expect(checks).toMatchObject([
      { subject: 'GPU-A', state: 'pass', found: 'CUDA' },
      { subject: 'GPU-B', state: 'advice', found: 'OPTIX: Failed to load OptiX kernel; CUDA: CUDA_ERROR_NO_BINARY_FOR_GPU' },
    ])
  })

  test('a driver that crashes Blender is a reason like another, and the processor is proven last, once', async () => {
    const [proven] = await prove([card('0000:03:00.0')], [{ ...blender, devices: ['CPU', 'HIP'] }])
    expect(proven?.proofs).toMatchObject([
      { backend: 'HIP', card: '', works: false, code: 'BLENDER_SCRIPT_ERROR' },
      { backend: 'CPU', card: '', works: true },
    ])
  })

  test('nothing is proven twice, but anew for another driver or another Blender, and what failed after a day', async () => {
    await prove([card('GPU-A')])
    await prove([card('GPU-A')])
    expect(await calls()).toEqual(['OPTIX GPU-A', 'CUDA GPU-A'])
    await prove([card('GPU-A', '560.2')])
    expect(await calls()).toHaveLength(4)
    await prove([card('GPU-A', '560.2')], [blender], Date.now() + 25 * 3_600_000)
    expect(await calls()).toHaveLength(5)
    await utimes(blender.path, new Date(), new Date(Date.now() + 10_000))
    await prove([card('GPU-A', '560.2')])
    expect(await calls()).toHaveLength(7)
  })

  test('a damaged cache costs only the proving; a cancelled proof is not kept', async () => {
    await writeFile(join(folder, 'proofs.json'), '{"x": 1')
    const cancelled = await proveDevices({
      containment,
      ...{ blenders: [blender], cards: [card('GPU-A')], cacheFolder: folder, logger: quietLog, signal: AbortSignal.abort() },
      cache: createProofCache(join(folder, 'proofs.json')),
    })
    expect(cancelled[0]?.proofs).toEqual([])
    expect((await prove([card('GPU-A')]))[0]?.proofs).toHaveLength(2)
  })
})

describe('with the real Blender', () => {
  test('the processor renders its sample in the start in which it is asked, and alone', async () => {
    const engine = await createTestEngine()
    const [installed] = await engine.engine.probe()
    await engine.remove()
    const program = installed?.path ?? 'no Blender is installed'
    const probed = await probeBlender(program, engine.engine.containment)
    expect(probed).toMatchObject({ ok: true, value: { cpuProof: { backend: 'CPU', works: true } } })
    const real = { ...blender, path: program, version: installed?.version ?? '0', devices: ['CPU'] }
    const alone = await proveDevice({
      containment: engine.engine.containment,
      blender: real,
      backend: 'CPU',
      card: '',
      cacheFolder: join(folder, 'kernels'),
    })
    expect(alone).toMatchObject({ backend: 'CPU', works: true })
    // Debian's Blender knows no CUDA, or this computer has no such card: that fails with a reason instead of rendering on the processor.
    const gpu = await proveDevice({
      containment: engine.engine.containment,
      blender: real,
      backend: 'CUDA',
      card: '',
      cacheFolder: join(folder, 'kernels'),
    })
    expect(gpu?.works === true ? 'a card is here' : gpu?.reason).toMatch(/a card is here|no active device|enum/)
  }, 60_000)
})
