import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { CouchTarget } from '../store/couchTarget.ts'

export interface ArchiverOptions {
  target: CouchTarget
  prefix: string
  /** Of its projection, which outlives it. */
  folder: string
  /** At most so many in one run. */
  documents: number
}
export type ArchiverMessage = { kind: 'run' } | { kind: 'over'; archived: number } | { kind: 'failed'; reason: string }

const entryPath = fileURLToPath(new URL('./archiveProcess.ts', import.meta.url))

/**
 * Runs archiveProcess.ts. @param killAt it is ended by SIGKILL this long after its so-many-th run began; null: it may end by itself
 * @returns how many it put away; null: it was killed
 */
export async function forkArchiver(options: ArchiverOptions, killAt: { run: number; afterMs: number } | null): Promise<number | null> {
  const child = fork(entryPath, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: ['--no-warnings'] })
  const gone = once(child, 'exit')
  let runs = 0
  let archived: number | null = null
  let failed: string | null = null
  child.on('message', (raw) => {
    const message = raw as ArchiverMessage
    if (message.kind === 'failed') failed = message.reason
    else if (message.kind === 'over') ({ archived } = message)
    else if ((runs += 1) === killAt?.run) setTimeout(() => child.kill('SIGKILL'), killAt.afterMs)
  })
  child.send(options)
  await gone
  if (failed !== null) throw new Error(failed)
  if (archived === null && child.signalCode !== 'SIGKILL') throw new Error(`it ended with ${child.exitCode}`)
  return archived
}
