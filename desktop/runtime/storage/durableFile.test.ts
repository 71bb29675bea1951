import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { writeDurably } from './durableFile.ts'

const child = fileURLToPath(new URL('./storage.child.ts', import.meta.url))

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'durable-file-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('text, bytes and streams replace a file whole, for this user alone', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'file')
  async function* pieces() {
    yield new Uint8Array([1, 2])
    yield new Uint8Array([3])
  }
  expect(await writeDurably(path, 'text')).toEqual({ ok: true, value: undefined })
  expect(readFileSync(path, 'utf8')).toBe('text')
  await writeDurably(path, new Uint8Array([9]))
  expect([...readFileSync(path)]).toEqual([9])
  await writeDurably(path, pieces())
  expect([...readFileSync(path)]).toEqual([1, 2, 3])
  expect(readdirSync(folder)).toEqual(['file'])
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('when the source fails half way, the old file stays and no part of the new one', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'file')
  writeFileSync(path, 'old')
  async function* failing() {
    yield new Uint8Array(100_000)
    throw new Error('the line was cut')
  }
  await expect(writeDurably(path, failing())).rejects.toThrow('the line was cut')
  expect(readdirSync(folder)).toEqual(['file'])
  expect(readFileSync(path, 'utf8')).toBe('old')
})

test('what the disk says becomes a code and a sentence, and leaves nothing behind', async () => {
  const folder = temporaryFolder()
  async function* full() {
    yield new Uint8Array(10)
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  }
  expect(await writeDurably(join(folder, 'frame_0001.png'), full())).toMatchObject({
    ok: false,
    error: { code: 'DISK_FULL', details: { what: 'frame_0001.png' } },
  })
  expect(readdirSync(folder)).toEqual([])
  expect(await writeDurably(join(folder, 'missing', 'file'), 'x')).toMatchObject({ ok: false, error: { code: 'DATA_FOLDER_READ_ONLY' } })
})

const inNamespace = (script: string) => spawnSync('unshare', ['-rm', 'sh', '-ec', script])
if (inNamespace('true').status === 0) {
  test('a disk that is really full: DISK_FULL, the old file stays, no partial one', () => {
    const folder = temporaryFolder()
    const run = inNamespace(
      `mount -t tmpfs -o size=64k tmpfs '${folder}'; printf old > '${folder}/file';` +
        ` '${process.execPath}' '${child}' write '${folder}/file' 200000; ls '${folder}'; cat '${folder}/file'`,
    )
    const [answer = '', listing, content] = run.stdout.toString().split('\n')
    expect(JSON.parse(answer)).toMatchObject({ ok: false, error: { code: 'DISK_FULL' } })
    expect([listing, content]).toEqual(['file', 'old'])
  })
}

if (spawnSync('strace', ['-f', process.execPath, '--version']).status === 0) {
  test('system calls: file synced, then renamed, then the folder synced, then acknowledged', () => {
    const folder = temporaryFolder()
    const log = join(folder, 'strace.log')
    const path = join(folder, 'file')
    const calls = 'trace=fsync,fdatasync,rename,renameat,renameat2,write'
    const run = spawnSync('strace', ['-f', '-y', '-e', calls, '-o', log, process.execPath, child, 'write', path, '1000'])
    expect(run.status, run.stderr.toString()).toBe(0)
    const lines = readFileSync(log, 'utf8').split('\n')
    const steps = [
      / fsync\(\d+<[^>]*\.part>/,
      / rename\w*\(.*\.part", .*file"/,
      new RegExp(` fsync\\(\\d+<${folder}>`),
      / write\(1<[^>]*>, "{\\"ok\\":true/,
    ]
    const at = steps.map((step) => lines.findIndex((line) => step.test(line)))
    expect(at).toEqual([...at].sort((left, right) => left - right))
    expect(at[0]).toBeGreaterThanOrEqual(0)
  })
}
