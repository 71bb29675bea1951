import { mkdirSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { root } from './buildParts.ts'

const buildWaitMs = 300_000

/**
 * Runs `work` while no other process of this checkout builds. The lock is SQLite's, so the system takes it back from a
 * process that was killed. Rejects after five minutes of waiting.
 */
export async function withBuildLock<T>(work: () => Promise<T>): Promise<T> {
  mkdirSync(`${root}node_modules/.cache`, { recursive: true })
  const database = new DatabaseSync(`${root}node_modules/.cache/build-lock.sqlite`, { timeout: buildWaitMs })
  try {
    database.exec('BEGIN EXCLUSIVE')
    return await work()
  } finally {
    database.close()
  }
}
