import { link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Task } from '#shared/collections/task.schema.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok } from '#shared/result.ts'
import { keepFrame, type VerifyFrame } from './keepFrame.ts'
import { openResultStore, type ResultStore } from './resultStore.ts'

let folder: string
let results: ResultStore
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictor-keep-'))
  await mkdir(join(folder, 'out'))
  await writeFile(join(folder, 'holiday.png'), 'a picture of the owner')
  results = await openResultStore(join(folder, 'results'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const frame = () => join(folder, 'out', 'frame_000001.png')
const isGood: VerifyFrame = () => Promise.resolve(ok({ format: 'png', width: 1, height: 1 }))
// Only its id is looked at.
const keep = (verify: VerifyFrame = isGood) => keepFrame({ id: 'task:1' } as Task, 1, frame(), { frame: 1 }, { verify, results })

test('a picture is looked at and kept out of reach of who made it', async () => {
  await writeFile(frame(), 'a frame')
  const put = async () => {
    // What a program that was taken over would do meanwhile.
    await symlink(join(folder, 'holiday.png'), frame())
    return ok({ format: 'png', width: 1, height: 1 })
  }
  expect(await keep(put)).toMatchObject({ ok: true, value: { sizeBytes: 7 } })
  expect(await readFile((await results.find('task:1', 1)) ?? '', 'utf8')).toBe('a frame')
  expect(await readdir(folder)).toEqual(['holiday.png', 'out', 'results'])
})

test('a link, or a second name of somebody’s file, is no picture', async () => {
  for (const make of [symlink, link]) {
    await make(join(folder, 'holiday.png'), frame())
    expect(await keep()).toMatchObject({ ok: false, error: { code: 'FRAME_MISSING' } })
    expect(await results.find('task:1', 1)).toBeNull()
  }
  await symlink(folder, frame())
  expect(await keep()).toMatchObject({ ok: false, error: { code: 'FRAME_MISSING' } })
  expect(await readFile(join(folder, 'holiday.png'), 'utf8')).toBe('a picture of the owner')
})

test('one that is not what was wanted, or is not there, leaves nothing', async () => {
  expect(await keep()).toMatchObject({ ok: false, error: { code: 'FRAME_MISSING' } })
  await writeFile(frame(), 'noise')
  expect(await keep(() => Promise.resolve(err(appError('FRAME_MISSING', { frame: 1 }))))).toMatchObject({ ok: false })
  expect(await readdir(folder)).toEqual(['holiday.png', 'out', 'results'])
})
