import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Job } from '#shared/collections/job.schema.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import { err, ok } from '#shared/result.ts'
import { openLocalDatabase, type LocalDatabase } from '../database/localDatabase.ts'
import { systemClock } from '../systemClock.ts'
import { openFileCache } from '../tasks/fetch/fileCache.ts'
import { memoryDocuments, type MemoryDocuments } from '../testing/memoryDocuments.ts'
import { openTransfers } from '../testing/openTransfers.ts'
import { quietLog } from '../testing/quietLog.ts'
import { scriptedGateway } from '../testing/scriptedGateway.ts'
import { makeJob } from './makeJob.ts'
import { startSceneOutbox, type SceneOutbox } from './sceneOutbox.ts'

let folder: string
let local: LocalDatabase
let jobs: MemoryDocuments<Job>
let outbox: SceneOutbox
let refusals: Record<string, AppError>
let sent: string[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-outbox-'))
  local = openLocalDatabase(folder)
  jobs = memoryDocuments<Job>()
  refusals = {}
  sent = []
  outbox = startSceneOutbox({
    ...{ local, cache: await openFileCache(join(folder, 'cache')), gateway: scriptedGateway(), clock: systemClock, log: quietLog, jobs },
    urls: { get: () => undefined, set: () => undefined, delete: () => undefined, flush: async () => undefined },
    serverNow: () => 50,
    transfers: openTransfers,
    async upload(_path, { name }) {
      sent.push(name)
      const refusal = refusals[name]
      return refusal === undefined ? ok(null) : err(refusal)
    },
  })
})
afterEach(async () => {
  await outbox.stop()
  local.close()
  rmSync(folder, { recursive: true, force: true })
})

const file = (name: string) => ({ sha256: name.padEnd(64, 'a'), sizeBytes: 1, name })
function jobOf(names: string[]): Job {
  const [scene = file('x'), ...extraFiles] = names.map(file)
  const bundle = { staged: { name: 'a.blend', info: { blenderVersion: '3.4' } }, scene, extraFiles }
  const made = makeJob(bundle, { frames: '1', chunkSize: 1, settings: {} }, 'owner-1', 10)
  if (!made.ok) throw new Error(made.error.message)
  return made.value
}

it('a file that the server finally refuses is said in its job; the job’s other files stay, those of other jobs go on', async () => {
  refusals['wood'] = appError('FILE_TOO_LARGE', { name: 'wood', limitMiB: 1 })
  const [bad, good] = [jobOf(['scene', 'wood', 'stone']), jobOf(['other'])]
  outbox.add(bad.id, [bad.scene, ...bad.extraFiles])
  outbox.add(good.id, [good.scene])
  await jobs.put(bad)
  await jobs.put(good)
  await vi.waitFor(() => expect(outbox.waiting()).toBe(0))
  const refused = jobs.content.get(bad.id)?.filesRefused
  expect(refused?.code).toBe('SCENE_FILE_REFUSED')
  expect(refused?.message).toContain('wood')
  expect(jobs.content.get(bad.id)?.updatedAt).toBe(50)
  expect(jobs.content.get(good.id)?.filesRefused).toBeUndefined()
  expect(sent).toEqual(['scene', 'wood', 'other'])
})

it('a file that may pass later waits, and nothing is said in the job', async () => {
  refusals['scene'] = appError('UPLOAD_FAILED', { name: 'scene', reason: 'cut' })
  const job = jobOf(['scene'])
  outbox.add(job.id, [job.scene])
  await jobs.put(job)
  await vi.waitFor(() => expect(sent).toHaveLength(1))
  expect(outbox.waiting()).toBe(1)
  refusals = {}
  await vi.waitFor(() => expect(outbox.waiting()).toBe(0), { timeout: 10_000 })
  expect(jobs.content.get(job.id)?.filesRefused).toBeUndefined()
})
