import { existsSync } from 'node:fs'
import { lstat, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createFrameGate, frameGatePath } from './frameGate.ts'

test('the gate is a file of its own, and what a link in its place leads to stays as it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pictor-gate-'))
  try {
    const [work, letters] = [join(folder, 'work'), join(folder, 'letters')]
    const troubles: unknown[] = []
    const gate = createFrameGate(work, (error) => troubles.push(error))
    gate.close()
    gate.close()
    expect(existsSync(frameGatePath(work))).toBe(true)
    gate.open()
    expect(existsSync(frameGatePath(work))).toBe(false)
    // As a program that was taken over would leave it.
    await writeFile(letters, 'dear')
    await symlink(letters, frameGatePath(work))
    gate.close()
    expect(await readFile(letters, 'utf8')).toBe('dear')
    expect((await lstat(frameGatePath(work))).isFile()).toBe(true)
    expect(troubles).toEqual([])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
