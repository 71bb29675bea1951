import { afterAll, beforeAll, expect, it } from 'vitest'
import { temporaryFolder, type TemporaryFolder } from '../testing/testTools.ts'
import { createOwnUploads } from './ownUploads.ts'

let folder: TemporaryFolder
beforeAll(() => void (folder = temporaryFolder()))
afterAll(() => folder.remove())

it('knows what came up for a frame, and only that', async () => {
  const uploads = createOwnUploads(folder.path)
  const upload = { taskId: 'task-1', frame: 1, sha256: 'a'.repeat(64) }
  await uploads.add(upload)
  expect(await uploads.has(upload)).toBe(true)
  for (const other of [{ taskId: 'task-2' }, { frame: 2 }, { sha256: 'b'.repeat(64) }, { sha256: '../1' }])
    expect(await uploads.has({ ...upload, ...other })).toBe(false)
})

it('a picture that comes up for an old attempt while old ones are swept is no failure', async () => {
  const uploads = createOwnUploads(folder.path)
  const farAhead = Date.now() + 365 * 86_400_000
  for (let round = 0; round < 100; round += 1)
    await Promise.all([
      uploads.add({ taskId: 'task-old', frame: round, sha256: 'c'.repeat(64) }),
      uploads.sweep(farAhead),
      uploads.add({ taskId: 'task-old', frame: round, sha256: 'd'.repeat(64) }),
      uploads.sweep(farAhead),
    ])
  await uploads.sweep(farAhead)
  expect(await uploads.has({ taskId: 'task-old', frame: 0, sha256: 'c'.repeat(64) })).toBe(false)
})
