import { durations } from '#shared/durations.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import { moveRun } from '#shared/rules/runState.ts'
import { backOffMs } from '../backOff.ts'
import { download } from '../fetch/download.ts'
import { filesOf } from '../fetch/jobFolder.ts'
import { errorField } from '../run/runChanges.ts'
import type { RunnerContext, TaskEntry } from '../taskRunner.ts'
import { move } from './move.ts'

/** A line that is up but answers "no such file" this often means that the file will not come. */
const missesAllowed = 5
const range = { minMs: durations.transferRetryMinMs, maxMs: 300_000 }
const cacheLimitBytes = 20 * 1024 ** 3

/** Brings all files of a task here. What failed is tried again later, going on where it stopped. */
export async function fetchTask(context: RunnerContext, entry: TaskEntry): Promise<void> {
  const { cache, gateway, log, entries, transfers } = context
  const cancel = new AbortController()
  Object.assign(entry, { activity: 'fetching', cancelFetch: cancel })
  try {
    await move(context, entry, 'fetching')
    const needed = [...entries.values()].flatMap(({ task }) => filesOf(task)).map(({ sha256 }) => sha256)
    const keep = new Set([...needed, ...context.pinned()])
    await cache.evict(cacheLimitBytes, keep)
    if (!(await makeRoom(context, entry, keep))) {
      await refuse(context, entry, appError('DISK_LIMIT'))
      return
    }
    for (const file of filesOf(entry.task)) {
      const fetched = await download(file, { cache, gateway, signal: cancel.signal, transfers })
      if (!fetched.ok) return await failed(context, entry, fetched.error)
      log.debug('fetched', { taskId: entry.task.id, name: file.name })
    }
    Object.assign(entry, { fetched: true, fetchFailures: 0 })
  } finally {
    Object.assign(entry, { activity: 'none', cancelFetch: null })
    await move(context, entry, 'queued')
  }
}

/** Whether the files of a task fit into what its owner allows, after older ones went. */
async function makeRoom({ cache, roomBytes }: RunnerContext, { task }: TaskEntry, keep: ReadonlySet<string>): Promise<boolean> {
  const missing = await cache.missingBytes(filesOf(task))
  if (missing === 0) return true
  const lacking = missing - (await roomBytes())
  if (lacking <= 0) return true
  const before = await cache.sizeBytes()
  // Nothing is thrown away for a task that would not fit all the same.
  return before >= lacking && (await cache.evict(Math.max(0, before - lacking), keep)) >= lacking
}

const refuse = ({ journal, serverClock }: RunnerContext, { task }: TaskEntry, error: AppError): Promise<unknown> =>
  journal.change(task.id, (run) => moveRun(run, run.state, serverClock.now(), { error: errorField(error) }))

async function failed(context: RunnerContext, entry: TaskEntry, error: AppError): Promise<void> {
  if (error.code === 'CANCELLED') return
  context.log.warn('a file could not be fetched', { taskId: entry.task.id, code: error.code, reason: error.message })
  if (error.code === 'DISK_FULL') context.holds.set('DISK_FULL', { blocks: true })
  entry.fetchFailures += 1
  entry.notBeforeMs = context.serverClock.latest() + backOffMs(entry.fetchFailures, range)
  if (error.code === 'FILE_NOT_FOUND' && entry.fetchFailures >= missesAllowed) await refuse(context, entry, error)
}
