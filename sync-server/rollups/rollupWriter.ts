import type { DatabaseSync } from 'node:sqlite'
import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Rollup } from '#shared/collections/rollup.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import { rollupId } from '#shared/ids.ts'
import { jsonEquals } from '#shared/json.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { createKeyedWorker } from '../jobs/keyedWorker.ts'
import type { DocumentStore } from '../store/documentStore.ts'
import { dayOf, linesOfEarning, linesOfTask, noAmounts, rollupFields, type RollupAmounts } from './rollupLines.ts'
import { totalsOf, totalsSince } from './rollupProjector.ts'

/** Changes of a roll-up are gathered for this long: a dashboard sees its totals within two seconds, a busy farm writes once a second. */
const gatherMs = 1_000
/** A crash loses at most what was gathered, so at a start only the last days are compared. */
const comparedDays = 3

export interface RollupWriter {
  start(): void
  idle(): Promise<void>
  stop(): Promise<void>
}

/** The document of a day, computed whole from the totals: writing it again changes nothing. null: nothing happened that day. */
export function rollupDocument(database: DatabaseSync, who: string, day: string, now: number): Rollup | null {
  const totals = totalsOf(database, who, day)
  if (!totals) return null
  const sums = noAmounts()
  for (const row of totals.hours) for (const field of rollupFields) sums[field] += row[field]
  const hoursOf = (field: keyof RollupAmounts): number[] => {
    const values = new Array<number>(24).fill(0)
    for (const row of totals.hours) values[row.hour] = row[field]
    return values
  }
  const { ownerId, nodeId } = totals
  const document: Rollup = {
    ...{ id: rollupId(who, day), ownerId, nodeId, day, updatedAt: now, ...sums },
    framesByHour: hoursOf('framesAccepted'),
    netMicroByHour: hoursOf('networkNetMicro'),
    selfRenderNetMicroByHour: hoursOf('selfRenderNetMicro'),
  }
  for (const [field, name] of sparseHours) if (sums[field] !== 0) document[name] = hoursOf(field)
  return document
}

/** Hours that most days of most nodes have nothing in: left out where they would be zeros. */
const sparseHours = [
  ['selfRenderFrames', 'selfRenderFramesByHour'],
  ['selfRenderTasks', 'selfRenderTasksByHour'],
  ['tasksCompleted', 'tasksCompletedByHour'],
  ['tasksFailed', 'tasksFailedByHour'],
] as const satisfies readonly (readonly [keyof RollupAmounts, keyof Rollup])[]

/** A reversed entry counts nothing, but the day it counted in has to be summed again. */
const asCounted = (document: object): Earning => ({ ...(document as Earning), state: 'final' })

/** Writes roll-up documents when what they sum up has changed. */
export function createRollupWriter(parts: { store: DocumentStore; database: DatabaseSync; log: Logger; clock: Clock }): RollupWriter {
  const { store, database, clock } = parts
  const gathered = new Set<string>()
  let cancel: (() => void) | null = null
  let unsubscribe: () => void = () => undefined
  const worker = createKeyedWorker({ name: 'writing a roll-up', concurrency: 8, log: parts.log, clock, run: write })

  async function write(key: string): Promise<void> {
    const [who = '', day = ''] = key.split('\n')
    const known = totalsOf(database, who, day)
    if (!known) return
    // The totals come from two collections, and of an owner who was quiet here for long neither may be followed: another gateway's newer roll-up
    // must not be replaced by older sums.
    for (const collection of ['tasks', 'earnings'] as const) await store.catchUp(known.ownerId, collection)
    const next = rollupDocument(database, who, day, clock.now())
    if (!next) return
    await store.update(next.ownerId, 'rollups', next.id, (current) =>
      current && jsonEquals({ ...current, updatedAt: 0 }, { ...next, updatedAt: 0 }) ? null : next,
    )
  }

  function flush(): void {
    cancel = null
    for (const key of gathered) void worker.request(key)
    gathered.clear()
  }

  return {
    start() {
      unsubscribe = store.onWritten(({ ownerId, collection, document }) => {
        if (ownerId === null || (collection !== 'tasks' && collection !== 'earnings')) return
        // Safe: the collections hold nothing else.
        const lines = collection === 'tasks' ? linesOfTask(document as unknown as Task) : linesOfEarning(asCounted(document))
        for (const line of lines) for (const who of [line.ownerId, line.nodeId]) gathered.add(`${who}\n${line.day}`)
        if (gathered.size > 0) cancel ??= clock.after(gatherMs, flush)
      })
      const since = dayOf(clock.now() - comparedDays * 86_400_000)
      for (const { who, day } of totalsSince(database, since)) void worker.request(`${who}\n${day}`)
    },
    async idle() {
      if (cancel) {
        cancel()
        flush()
      }
      await worker.idle()
    },
    async stop() {
      unsubscribe()
      cancel?.()
      await worker.stop()
    },
  }
}
