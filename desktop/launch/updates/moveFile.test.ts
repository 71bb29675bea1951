import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { moveFile } from './moveFile.ts'

let folder = ''
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'pictor-move-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

/** As if each folder were a file system of its own, or as if nothing could be renamed. */
const between = (isRefused: (from: string, to: string) => boolean) => async (from: unknown, to: unknown) => {
  if (isRefused(String(from), String(to))) throw Object.assign(new Error('EXDEV: cross-device link not permitted'), { code: 'EXDEV' })
  await rename(String(from), String(to))
}

it('moves a file within a file system and to another one', async () => {
  for (const [name, isRefused] of [
    ['one', () => false],
    ['two', (from: string, to: string) => basename(from) === 'from' && dirname(from) === dirname(to)],
  ] as const) {
    const [from, to] = [join(folder, 'from'), join(folder, name)]
    await writeFile(from, name)
    await moveFile(from, to, between(isRefused))
    expect(await readFile(to, 'utf8')).toBe(name)
  }
  expect((await readdir(folder)).sort()).toEqual(['one', 'two'])
})

it('leaves the file where it was when it cannot be moved', async () => {
  const from = join(folder, 'from')
  await writeFile(from, 'kept')
  await expect(
    moveFile(
      from,
      join(folder, 'to'),
      between(() => true),
    ),
  ).rejects.toThrow('EXDEV')
  expect(await readdir(folder)).toEqual(['from'])
})
