import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { openDataFolder } from './dataFolder.ts'

const child = fileURLToPath(new URL('./storage.child.ts', import.meta.url))

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'data-folder-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function startOwner(path: string): Promise<{ owner: ChildProcess; answer: unknown }> {
  const owner = spawn(process.execPath, [child, 'open', path], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void owner.kill('SIGKILL'))
  const [line] = (await once(owner.stdout, 'data')) as [Buffer]
  return { owner, answer: JSON.parse(line.toString()) as unknown }
}

test('the folder is made, held, and free again after closing', async () => {
  const path = join(temporaryFolder(), 'new', 'one')
  const first = await openDataFolder(path)
  expect(first).toMatchObject({ ok: true, value: { path } })
  expect(await openDataFolder(path)).toMatchObject({ ok: false, error: { code: 'DATA_FOLDER_IN_USE', details: { path } } })
  if (first.ok) first.value.close()
  const again = await openDataFolder(path)
  expect(again.ok).toBe(true)
  if (again.ok) again.value.close()
})

test('of two processes one gets the folder, and it is free as soon as that one was killed', async () => {
  const path = temporaryFolder()
  const { owner, answer } = await startOwner(path)
  expect(answer).toMatchObject({ ok: true })
  expect((await startOwner(path)).answer).toMatchObject({ ok: false, error: { code: 'DATA_FOLDER_IN_USE' } })
  const refused = await openDataFolder(path)
  expect(refused).toMatchObject({ ok: false, error: { code: 'DATA_FOLDER_IN_USE' } })
  if (!refused.ok) expect(refused.error.message).toContain(path)

  owner.kill('SIGKILL')
  await once(owner, 'exit')
  const free = await openDataFolder(path)
  expect(free.ok).toBe(true)
  if (free.ok) free.value.close()
  expect(readdirSync(path)).toEqual(['runtime.lock'])
})

test('a path that cannot be written to is named', async () => {
  const file = join(temporaryFolder(), 'a-file')
  writeFileSync(file, '')
  expect(await openDataFolder(join(file, 'below'))).toMatchObject({ ok: false, error: { code: 'DATA_FOLDER_READ_ONLY' } })
  if (existsSync('/proc/self'))
    expect(await openDataFolder('/proc/nowhere')).toMatchObject({ ok: false, error: { code: 'DATA_FOLDER_READ_ONLY' } })
})

/** A shell in a mount namespace of its own, where even an unprivileged user may mount; not every container allows it. */
const inNamespace = (script: string) => spawnSync('unshare', ['-rm', 'sh', '-ec', script])
if (inNamespace('true').status === 0) {
  test('a read-only file system is named', () => {
    const path = temporaryFolder()
    const run = inNamespace(`mount -t tmpfs -o ro tmpfs '${path}'; exec '${process.execPath}' '${child}' open '${path}'`)
    expect(JSON.parse(run.stdout.toString())).toMatchObject({ ok: false, error: { code: 'DATA_FOLDER_READ_ONLY' } })
  })
}

test('a damaged lock file keeps nobody out: nothing is in it', async () => {
  const path = temporaryFolder()
  writeFileSync(join(path, 'runtime.lock'), 'what a power cut left behind'.repeat(100))
  const first = await openDataFolder(path)
  expect(first.ok).toBe(true)
  expect(await openDataFolder(path)).toMatchObject({ ok: false, error: { code: 'DATA_FOLDER_IN_USE' } })
  if (first.ok) first.value.close()
})
