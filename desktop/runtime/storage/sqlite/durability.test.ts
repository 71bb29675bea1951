import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { temporaryFolder } from './storage.fixtures.ts'

const child = fileURLToPath(new URL('./durability.child.ts', import.meta.url))
const ROUNDS = 8

/** Lets a child write until it has acknowledged `acknowledgements` times, kills it a random moment later, and returns the last number it acknowledged. */
function writeAndKill(path: string, acknowledgements: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const writer = spawn(process.execPath, [child, path, '1000000'], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let errors = ''
    writer.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    writer.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (output.split('\n').length > acknowledgements) setTimeout(() => writer.kill('SIGKILL'), Math.random() * 20)
    })
    writer.on('error', reject)
    writer.on('close', (_code, signal) => {
      const numbers = [...output.matchAll(/ACK (\d+)\n/g)].map((match) => Number(match[1]))
      if (signal === 'SIGKILL' && numbers.length > 0) resolve(Math.max(...numbers))
      else reject(new Error(`the writer ended by itself: ${errors}`))
    })
  })
}

test('what was acknowledged is there after SIGKILL at random moments, and every write is there whole or not at all', async () => {
  const path = join(temporaryFolder(), 'store.sqlite')
  for (let round = 0; round < ROUNDS; round++) {
    const acknowledged = await writeAndKill(path, 1 + Math.floor(Math.random() * 40))
    const database = new DatabaseSync(path)
    const numbers = database
      .prepare("SELECT json ->> '$.number' AS number FROM documents_1 WHERE id <> 'counter' ORDER BY number")
      .all()
      .map((row) => row['number'] as number)
    const counter = database.prepare("SELECT json ->> '$.number' AS number FROM documents_1 WHERE id = 'counter'").get()?.[
      'number'
    ] as number
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    database.close()
    expect(counter).toBeGreaterThanOrEqual(acknowledged)
    expect(numbers).toEqual(Array.from({ length: counter }, (_, index) => index + 1))
  }
}, 120_000)

// SIGKILL leaves what the kernel holds; only the system calls show that an acknowledged write would outlive a power cut.
if (spawnSync('strace', ['-f', process.execPath, '--version']).status === 0) {
  test('system calls: the write-ahead log is synced after its last write and before each acknowledgement', () => {
    const folder = temporaryFolder()
    const log = join(folder, 'strace.log')
    const writes = 25
    const calls = 'trace=pwrite64,write,fsync,fdatasync'
    const run = spawnSync('strace', [
      '-f',
      '-y',
      '-e',
      calls,
      '-o',
      log,
      process.execPath,
      child,
      join(folder, 'store.sqlite'),
      String(writes),
    ])
    expect(run.status, run.stderr.toString()).toBe(0)

    let unsynced = 0
    let syncs = 0
    let acknowledgements = 0
    for (const line of readFileSync(log, 'utf8').split('\n')) {
      if (/ pwrite64\(\d+<[^>]*-wal>/.test(line)) unsynced++
      else if (/ f(data)?sync\(\d+<[^>]*-wal>/.test(line)) {
        unsynced = 0
        syncs++
      } else if (/ write\(1<[^>]*>, "ACK /.test(line)) {
        acknowledgements++
        expect(unsynced, `writes to the log that were not synced before acknowledgement ${acknowledgements}`).toBe(0)
        expect(syncs).toBeGreaterThanOrEqual(acknowledgements)
      }
    }
    expect(acknowledgements).toBe(writes)
  }, 120_000)
}
