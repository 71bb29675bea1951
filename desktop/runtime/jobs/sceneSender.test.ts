import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { appError } from '#shared/errors/appError.ts'
import type { Clock } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { quietLog } from '../testing/quietLog.ts'
import type { UploadFile } from '../tasks/upload/tusUpload.ts'
import { openSceneSender, type OutgoingScene, type SceneSender } from './sceneSender.ts'

let folder: string
let tries: string[]
/** What the next uploads come to: bytes that arrive, then how it ends. */
let script: Array<{ sent: number; outcome: Result<null> }>
let stop: AbortController
let sender: SceneSender
let scene: OutgoingScene

/** Waits are over at once. */
const hastyClock: Clock = {
  now: () => 0,
  monotonicMs: () => 0,
  after(_delayMs, callback) {
    queueMicrotask(callback)
    return () => undefined
  },
}
const upload: UploadFile = async (_path, { name }, { onProgress }) => {
  tries.push(name)
  const { sent, outcome } = script.shift() ?? { sent: 1, outcome: ok(null) }
  onProgress?.(sent, 100)
  return outcome
}
const cut = (sent: number) => ({ sent, outcome: err(appError('UPLOAD_FAILED', { name: 'x', reason: 'cut' })) })

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-sender-'))
  vi.stubEnv('TMPDIR', folder)
  for (const [name, text] of Object.entries({ 'a.blend': 'the scene, the largest', 'wood.png': 'wood', 'copy.png': 'wood' }))
    writeFileSync(join(folder, name), text)
  const file = (name: string, as = name) => ({ path: join(folder, name), name: as })
  tries = []
  script = []
  stop = new AbortController()
  sender = await openSceneSender({
    ...{ cacheFolder: join(folder, 'cache'), log: quietLog, clock: hastyClock, signal: stop.signal, upload },
    prepare: async () =>
      ok({
        ...{ scene: file('a.blend'), extraFiles: [file('wood.png', 'tex/wood.png'), file('copy.png')] },
        ...{ info: { blenderVersion: '3.4' }, frameStart: 1, frameEnd: 1, warnings: [] },
      }),
  })
  const prepared = await sender.prepare(join(folder, 'a.blend'))
  if (!prepared.ok) throw new Error(prepared.error.message)
  scene = prepared.value
})
afterEach(async () => {
  await sender.close()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})
const send = (there: string[] = [], onProgress: (sent: number, total: number) => void = () => undefined) =>
  sender.send(scene, { serverUrl: 'http://s', token: 't', isThere: async (sha256) => there.includes(sha256), onProgress })

it('sends each contents once, and the job still names every file', async () => {
  const shown: number[] = []
  expect(await send([], (sent, total) => shown.push(sent / total))).toEqual(ok(null))
  expect(scene.bundle.extraFiles.map(({ name }) => name)).toEqual(['tex/wood.png', 'copy.png'])
  expect(tries).toHaveLength(2)
  expect(tries.at(-1)).toBe('a.blend')
  expect(shown.at(-1)).toBe(1)
})

it('does not send what the server has', async () => {
  expect(await send([scene.bundle.scene.sha256])).toEqual(ok(null))
  expect(tries).not.toContain('a.blend')
})

it('goes on as long as each try brings the file forward, and gives up when none does', async () => {
  script = Array.from({ length: 30 }, (_, index) => cut(index + 1))
  expect(await send()).toEqual(ok(null))
  tries = []
  script = Array.from({ length: 30 }, () => cut(5))
  expect(await send()).toMatchObject({ ok: false, error: { code: 'UPLOAD_FAILED' } })
  expect(tries.length).toBeLessThan(12)
})

it('ends at once with what will not change, and when it is told to', async () => {
  script = [{ sent: 0, outcome: err(appError('FILE_TOO_LARGE', { name: 'x', limitMiB: 1 })) }]
  expect(await send()).toMatchObject({ ok: false, error: { code: 'FILE_TOO_LARGE' } })
  expect(tries).toHaveLength(1)
  stop.abort()
  expect(await send()).toMatchObject({ ok: false, error: { code: 'CANCELLED' } })
  expect(tries).toHaveLength(1)
})

it('leaves no scratch folder behind', async () => {
  const scratches = () => readdirSync(folder).filter((name) => name.startsWith('pictor-submit-'))
  expect(scratches()).toHaveLength(1)
  await sender.close()
  expect(scratches()).toEqual([])
})
