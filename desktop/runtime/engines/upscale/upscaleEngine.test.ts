import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { upscaleEngines } from '#shared/rules/upscale.ts'
import { systemClock } from '../../systemClock.ts'
import { quietLog } from '../../testing/quietLog.ts'
import type { EngineEvent, EngineImage, EngineTask } from '../engine.ts'
import { createContainment } from '../process/containment.ts'
import { createMemoryGuard } from '../process/memoryGuard.ts'
import { createUpscaleEngine } from './upscaleEngine.ts'
import { findUpscaler } from './upscalerProgram.ts'

/** The real upscaler, as a process, with the real networks. */
let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pictor-upscale-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

const engine = () =>
  createUpscaleEngine({
    logger: quietLog,
    program: findUpscaler(null),
    probeCacheFile: join(folder, 'upscaler.json'),
    containment: createContainment({ clock: systemClock, log: quietLog }),
    memory: createMemoryGuard({ clock: systemClock }),
  })

const paint = (name: string, width: number, height: number, channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background: { r: 200, g: 90, b: 40, alpha: 0.5 } } }).toFile(join(folder, name))
const image = (frame: number, name: string, width: number, height: number): EngineImage => ({
  frame,
  path: join(folder, name),
  name,
  width,
  height,
})

function taskOf(images: EngineImage[], more: Partial<EngineTask> = {}): EngineTask {
  const own = join(folder, randomBytes(6).toString('hex'))
  return {
    ...{
      id: 'task',
      scenePath: '',
      frames: images.map(({ frame }) => frame),
      images,
      settings: { scale: 2 as const },
      device: { kind: 'cpu' },
    },
    ...{ outputFolder: join(own, 'out'), workFolder: join(own, 'work'), ...more },
  }
}

async function all(
  task: EngineTask,
  on: (event: EngineEvent, stop: AbortController, run: { finishFrame(): void }) => void = () => undefined,
) {
  const stop = new AbortController()
  const run = engine().render(task, stop.signal)
  const events: EngineEvent[] = []
  for await (const event of run) {
    events.push(event)
    on(event, stop, run)
  }
  return events
}

test('the probe runs what is here and names it; the second look costs no process', { timeout: 120_000 }, async () => {
  const found = await engine().probe()
  expect(found).toMatchObject([{ kind: 'upscale', engines: Object.values(upscaleEngines), denoisers: [] }])
  expect(found[0]?.devices).toContain('CPU')
  expect(found[0]?.version).toMatch(/^\d+\.\d+/)
  const kept = await readFile(join(folder, 'upscaler.json'), 'utf8')
  expect(await engine().probe()).toEqual(found)
  expect(await readFile(join(folder, 'upscaler.json'), 'utf8')).toBe(kept)
})

test('two pictures are enlarged, in order, with alpha, and the backend is named', { timeout: 120_000 }, async () => {
  await paint('a.png', 40, 30)
  await paint('b.webp', 21, 17, 4)
  const task = taskOf([image(1, 'a.png', 40, 30), image(2, 'b.webp', 21, 17)])
  const events = await all(task)
  expect(events.find(({ type }) => type === 'started')).toMatchObject({ device: 'CPU' })
  expect(events.filter(({ type }) => type === 'progress').at(-1)).toMatchObject({ fraction: 1 })
  const saved = events.filter((event) => event.type === 'frameSaved')
  expect(saved).toMatchObject([
    { frame: 1, expectation: { format: 'PNG', width: 80, height: 60 } },
    { frame: 2, expectation: { format: 'PNG', width: 42, height: 34 } },
  ])
  expect(events.at(-1)).toEqual({ type: 'finished', framesSaved: 2 })
  const first = await sharp(saved[0]?.path).raw().toBuffer({ resolveWithObject: true })
  expect(first.info).toMatchObject({ width: 80, height: 60, channels: 3 })
  expect(Math.abs((first.data[0] ?? 0) - 200)).toBeLessThan(6)
  const second = await sharp(saved[1]?.path).raw().toBuffer({ resolveWithObject: true })
  expect(second.info).toMatchObject({ width: 42, height: 34, channels: 4 })
  expect(second.data[3]).toBe(128)
})

test('told to finish its picture it begins no other; what is left can be done later', { timeout: 120_000 }, async () => {
  await paint('c.png', 300, 300)
  await paint('d.png', 30, 30)
  const events = await all(taskOf([image(5, 'c.png', 300, 300), image(6, 'd.png', 30, 30)]), (event, _stop, run) => {
    if (event.type === 'frameStarted') run.finishFrame()
  })
  expect(events.filter(({ type }) => type === 'frameSaved')).toMatchObject([{ frame: 5 }])
  expect(events.at(-1)).toEqual({ type: 'cancelled' })
})

test('cancelled in the middle of a picture it is gone at once', { timeout: 120_000 }, async () => {
  await paint('large.png', 1_200, 1_200)
  const events = await all(taskOf([image(1, 'large.png', 1_200, 1_200)]), (event, stop) => {
    if (event.type === 'progress') stop.abort()
  })
  expect(events.some(({ type }) => type === 'frameSaved')).toBe(false)
  expect(events.at(-1)).toEqual({ type: 'cancelled' })
})

describe('hostile pictures are refused with a code, and whose fault it is', () => {
  const lastOf = async (one: EngineImage) => (await all(taskOf([one]))).at(-1)

  test('cut off, text, 16 bits, another size than its job says', { timeout: 180_000 }, async () => {
    const whole = await sharp(randomBytes(90 * 90 * 3), { raw: { width: 90, height: 90, channels: 3 } })
      .png()
      .toBuffer()
    await writeFile(join(folder, 'cut.png'), whole.subarray(0, whole.length / 2))
    expect(await lastOf(image(1, 'cut.png', 90, 90))).toMatchObject({ type: 'failed', fault: 'scene', error: { code: 'IMAGE_TRUNCATED' } })
    await writeFile(join(folder, 'text.png'), 'not a picture')
    expect(await lastOf(image(1, 'text.png', 9, 9))).toMatchObject({
      type: 'failed',
      fault: 'scene',
      error: { code: 'IMAGE_NOT_SUPPORTED' },
    })
    await sharp(Buffer.alloc(8 * 8 * 6), { raw: { width: 8, height: 8, channels: 3, depth: 'ushort' } as never })
      .toColourspace('rgb16')
      .png()
      .toFile(join(folder, 'deep.png'))
    expect(await lastOf(image(1, 'deep.png', 8, 8))).toMatchObject({ type: 'failed', error: { code: 'IMAGE_NOT_SUPPORTED' } })
    expect(await lastOf(image(1, 'a.png', 400, 300))).toMatchObject({
      type: 'failed',
      fault: 'scene',
      error: { code: 'IMAGE_SIZE_DIFFERS' },
    })
  })

  test('a bomb: a few bytes that claim to be enormous cost no memory', { timeout: 120_000 }, async () => {
    const bomb = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    bomb.writeUInt32BE(60_000, 16)
    bomb.writeUInt32BE(60_000, 20)
    await writeFile(join(folder, 'bomb.png'), bomb)
    expect(await lastOf(image(1, 'bomb.png', 8, 8))).toMatchObject({ type: 'failed', error: { code: 'IMAGE_SIZE_DIFFERS' } })
    expect(await lastOf(image(1, 'bomb.png', 60_000, 60_000))).toMatchObject({ type: 'failed', error: { code: 'IMAGE_TOO_LARGE' } })
  })
})

test('over the limit of memory it ends, and says so', { timeout: 120_000 }, async () => {
  await paint('wide.png', 900, 900)
  const events = await all(taskOf([image(1, 'wide.png', 900, 900)], { limits: { ramMiB: 60 } }))
  expect(events.at(-1)).toMatchObject({ type: 'failed', error: { code: 'RAM_LIMIT' } })
})

test('without the upscaler that is said, and nothing else breaks', async () => {
  const none = createUpscaleEngine({
    ...{
      logger: quietLog,
      program: null,
      probeCacheFile: join(folder, 'none.json'),
      containment: createContainment({ clock: systemClock, log: quietLog }),
      memory: createMemoryGuard({ clock: systemClock }),
    },
  })
  expect(await none.probe()).toEqual([])
  const events: EngineEvent[] = []
  for await (const event of none.render(taskOf([image(1, 'a.png', 40, 30)]), new AbortController().signal)) events.push(event)
  expect(events).toMatchObject([{ type: 'failed', error: { code: 'UPSCALER_MISSING' } }])
})
