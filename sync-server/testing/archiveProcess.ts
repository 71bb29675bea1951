import { join } from 'node:path'
import { archiveOnce } from '../archive/archiveOnce.ts'
import { archiveProjector } from '../archive/archiveProjector.ts'
import { openStore } from '../store/openStore.ts'
import { taskProjectors } from '../taskServices.ts'
import type { ArchiverMessage, ArchiverOptions } from './forkArchiver.ts'
import { quietLog, realClock } from './testTools.ts'

/** A process that does of a gateway only the putting away, without waiting for its turn, run after run until nothing is left. */
const tell = (message: ArchiverMessage) => process.send?.(message)

process.once('message', (given) => {
  // Safe: the parent is forkArchiver.
  void putAway(given as ArchiverOptions).then(
    (archived) => {
      tell({ kind: 'over', archived })
      process.disconnect()
    },
    (thrown: unknown) => {
      tell({ kind: 'failed', reason: String(thrown) })
      process.disconnect()
    },
  )
})
// Whoever watches it is gone.
process.once('disconnect', () => process.exit(0))

async function putAway({ target, prefix, folder, documents }: ArchiverOptions): Promise<number> {
  const opened = await openStore({
    ...{ target: () => target, prefix, projectionPath: join(folder, 'projection.sqlite'), singleWriter: false },
    ...{ log: quietLog, clock: realClock },
  })
  if (!opened.ok) throw new Error(opened.error.message)
  const { store, projection } = opened.value
  for (const projector of [archiveProjector, ...taskProjectors]) projection.registerProjector(projector)
  await store.openAll()
  let archived = 0
  for (let more = true; more;) {
    tell({ kind: 'run' })
    const done = await archiveOnce({ store, projection, nowMs: Date.now() }, documents)
    archived += done.archived
    ;({ more } = done)
  }
  await opened.value.stop()
  return archived
}
