import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { forkLauncher } from '../forkLauncher.ts'
import { readLines } from './readLines.ts'
import { openRotatingLog } from './rotatingLog.ts'

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pictor-logs-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('stays within its bound however much is written, and keeps the newest', () => {
  const path = join(folder, 'runtime.log')
  const limits = { fileBytes: 1_000, olderFiles: 2 }
  for (let start = 0; start < 3; start += 1) {
    const log = openRotatingLog(path, limits)
    for (let number = 0; number < 400; number += 1) log.write(`start ${start} line ${number}`)
    log.close()
  }
  const names = readdirSync(folder).sort()
  expect(names).toEqual(['runtime.log', 'runtime.log.1', 'runtime.log.2'])
  for (const name of names) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(1_000)
  expect(readFileSync(path, 'utf8').trimEnd().split('\n').at(-1)).toBe('start 2 line 399')
  expect(readFileSync(`${path}.1`, 'utf8')).toContain('start 2 line 3')
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

it('reads lines across chunks and letters, and cuts one that does not end', async () => {
  const lines: string[] = []
  const text = Buffer.from(`один\nдва\n${'x'.repeat(200_000)}\nthe end`)
  const chunks = Array.from({ length: Math.ceil(text.length / 7) }, (_, index) => text.subarray(index * 7, index * 7 + 7))
  const stream = Readable.from(chunks)
  readLines(stream, (line) => lines.push(line))
  await new Promise((resolve) => stream.once('end', resolve))
  expect(lines.map(({ length }) => length)).toEqual([4, 3, 65_536, 7])
  expect(lines.at(-1)).toBe('the end')
})

it('what a process prints is kept without the secrets planted in it', async () => {
  const secret = 'Zx8Qw3Er5Ty7Ui9Op1As3Df5Gh7Jk9Lz_-A'
  const script = join(folder, 'child.js')
  writeFileSync(
    script,
    `console.error(JSON.stringify({ level: 30, token: '${secret}', url: 'https://admin:${secret}@couch.example/', msg: 'hello' }))
     console.log('PICTOR_ENROLL=enrol_${secret} authorization: Bearer ${secret}')
     throw new Error('cookie: pictor_page=${secret}')`,
  )
  const seen: string[] = []
  const logFile = join(folder, 'runtime.log')
  const handle = forkLauncher.launch({
    ...{ name: 'runtime', script, engineFlags: [], environment: {}, logFile },
    onLogLine: (line) => seen.push(line),
  })
  await new Promise<void>((resolve) => handle.onExit(() => resolve()))
  await expect.poll(() => readFileSync(logFile, 'utf8')).toContain('throw new Error')
  const kept = readFileSync(logFile, 'utf8')
  expect(kept).toContain('hello')
  expect(kept).not.toContain(secret)
  expect(seen.join('\n')).not.toContain(secret)
})
