import type { Run } from '#shared/collections/run.schema.ts'
import { toAppError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { backOff } from '../backOff.ts'
import type { Documents } from '../ports.ts'

/** A try costs next to nothing, and once there is space again everything waits for it. */
const retry = { minMs: 1_000, maxMs: 5_000 }

/**
 * The runs of this node: what is true in memory is what stands on disk or is being written. Changes of one run are written in order;
 * several that wait are written as one. A write that fails (disk full) is repeated until it succeeds: nothing is forgotten.
 */
export interface Journal {
  get(id: string): Run | null
  all(): Run[]
  /** Applies at once in memory; the promise settles when the change is on disk. */
  change(id: string, change: (run: Run) => Run): Promise<void>
  add(run: Run): Promise<void>
  /** Takes up a run that stands on disk as it is. */
  adopt(run: Run): void
  /** Forgets runs that nothing will happen to any more (the documents stay). */
  forget(id: string): void
  close(): Promise<void>
}

interface Entry {
  run: Run
  version: number
  savedVersion: number
  writing: boolean
  waiting: Array<{ version: number; done: () => void; failed: (error: unknown) => void }>
}

export interface JournalOptions {
  runs: Documents<Run>
  clock: Clock
  log: Logger
  /** A run could not be saved, or could again (null). */
  onTrouble: (error: ReturnType<typeof toAppError> | null) => void
  onChange: () => void
}

export function openJournal(options: JournalOptions): Journal {
  const entries = new Map<string, Entry>()
  const stop = new AbortController()

  const save = async (entry: Entry) => {
    if (entry.writing) return
    entry.writing = true
    for (let attempt = 0; entry.savedVersion < entry.version && !stop.signal.aborted;) {
      const version = entry.version
      try {
        await options.runs.put(entry.run)
        if (attempt > 0) options.onTrouble(null)
        attempt = 0
        entry.savedVersion = version
        settle(entry)
      } catch (error) {
        attempt += 1
        options.log.error('a run could not be saved; it is tried again', { taskId: entry.run.id, reason: toAppError(error).message })
        options.onTrouble(toAppError(error))
        await backOff(attempt, retry, options.clock, stop.signal)
      }
    }
    entry.writing = false
    if (stop.signal.aborted) for (const { failed } of entry.waiting.splice(0)) failed(new Error('the journal was closed'))
  }
  const written = (entry: Entry) =>
    new Promise<void>((done, failed) => {
      entry.waiting.push({ version: entry.version, done, failed })
      void save(entry)
    })

  return {
    get: (id) => entries.get(id)?.run ?? null,
    all: () => [...entries.values()].map(({ run }) => run),
    change(id, change) {
      const entry = entries.get(id)
      if (entry === undefined) return Promise.reject(new Error(`no run ${id}`))
      const next = change(entry.run)
      if (next === entry.run) return Promise.resolve()
      entry.run = next
      entry.version += 1
      options.onChange()
      return written(entry)
    },
    add(run) {
      const entry = entryOf(run, -1)
      entries.set(run.id, entry)
      options.onChange()
      return written(entry)
    },
    adopt(run) {
      if (!entries.has(run.id)) entries.set(run.id, entryOf(run, 0))
    },
    forget: (id) => void entries.delete(id),
    async close() {
      const open = [...entries.values()].filter(({ writing }) => writing)
      // Writes in progress get their chance; only retries are cut.
      await Promise.race([
        Promise.all(
          open.map((entry) => new Promise<void>((done) => entry.waiting.push({ version: entry.version, done, failed: () => done() }))),
        ),
        new Promise<void>((done) => options.clock.after(1_000, done)),
      ])
      stop.abort()
    },
  }
}

const entryOf = (run: Run, savedVersion: number): Entry => ({ run, version: 0, savedVersion, writing: false, waiting: [] })

function settle(entry: Entry): void {
  const rest: Entry['waiting'] = []
  for (const waiter of entry.waiting) {
    if (waiter.version <= entry.savedVersion) waiter.done()
    else rest.push(waiter)
  }
  entry.waiting = rest
}
