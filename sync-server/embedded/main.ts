import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { durations } from '#shared/durations.ts'
import { storeOptionsSchema } from '#shared/api/storeProcess.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { serveParent, type StartedChild } from '#shared/processes/childProcess.ts'
import { createParentPort } from '#shared/processes/parentPort.ts'
import { firstIssue } from '../store/firstIssue.ts'
import { examineStore } from './damage/examineStore.ts'
import { startError } from '../startError.ts'
import { lockFolder, type Unlock } from './folderLock.ts'
import { startStoreServer, type StoreServer } from './storeServer.ts'

/** The process of the embedded store: told by its parent where the data is, answers with its port, and lives no longer than its parent. */
serveParent(
  createParentPort(process),
  async (given): Promise<StartedChild> => {
    const options = storeOptionsSchema.safeParse(given)
    if (!options.success) throw new AppErrorException(appError('REQUEST_INVALID', { reason: firstIssue(options.error) }))
    const { folder, user, password } = options.data
    let unlock: Unlock = () => undefined
    let server: StoreServer
    try {
      unlock = await lockPatiently(folder)
      const damage = await examineStore(folder)
      if (damage !== null) throw new AppErrorException(appError('SERVER_STORE_DAMAGED', { ...damage, folder: dirname(folder) }))
      server = await startStoreServer(folder, user, password)
    } catch (thrown) {
      unlock()
      const error = startError(thrown, folder)
      if (error.code !== 'UNEXPECTED') throw new AppErrorException(error, { cause: thrown })
      throw new AppErrorException(appError('PROCESS_FAILED', { name: 'store', reason: String(thrown), path: folder }), { cause: thrown })
    }
    return {
      value: { port: server.port },
      async stop() {
        // Every acknowledged write is on disk already; this only lets go of the port and the lock.
        await Promise.race([server.stop(), delay(durations.storeStopTimeoutMs, undefined, { ref: false })])
        unlock()
      },
    }
  },
  (code) => process.exit(code),
)

/** The store of a launcher that was killed a moment ago may still be closing its files. */
async function lockPatiently(folder: string): Promise<Unlock> {
  const until = performance.now() + durations.processStopTimeoutMs
  for (;;) {
    const locked = lockFolder(folder, 'store.lock')
    if (locked.ok) return locked.value
    if (locked.error.code !== 'DATA_FOLDER_IN_USE' || performance.now() > until) throw new AppErrorException(locked.error)
    await delay(durations.lockRetryMs)
  }
}
