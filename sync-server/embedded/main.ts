import { setTimeout as delay } from 'node:timers/promises'
import { durations } from '#shared/durations.ts'
import { lockFolder, type Unlock } from './folderLock.ts'
import { toStore, type FromStore } from './messages.ts'
import { startStoreServer, type StoreServer } from './storeServer.ts'

/**
 * The process of the embedded store. It is told by its parent where the data is, answers with its port, and lives exactly as long as its parent:
 * when the channel to it is gone, it ends.
 */
let server: StoreServer | null = null
let unlock: Unlock | null = null

process.on('message', (message) => {
  const parsed = toStore.safeParse(message)
  if (!parsed.success) return
  if (parsed.data.type === 'stop') void end(0)
  else void open(parsed.data.folder, parsed.data.user, parsed.data.password)
})
process.on('disconnect', () => void end(0))
process.on('SIGTERM', () => void end(0))
// Ctrl-C reaches the whole group; the gateway goes first and then ends its store.
process.on('SIGINT', () => undefined)

async function open(folder: string, user: string, password: string): Promise<void> {
  const locked = await lockPatiently(folder)
  if (!locked.ok) {
    tell({ type: 'failed', code: locked.error.code, reason: locked.error.message })
    return end(1)
  }
  unlock = locked.value
  try {
    server = await startStoreServer(folder, user, password)
    tell({ type: 'ready', port: server.port })
  } catch (thrown) {
    tell({ type: 'failed', code: 'PROCESS_FAILED', reason: String(thrown) })
    await end(1)
  }
}

/** The store of a gateway that was killed a moment ago may still be closing its files. */
async function lockPatiently(folder: string) {
  const until = performance.now() + durations.processStopTimeoutMs
  for (;;) {
    const locked = lockFolder(folder, 'store.lock')
    if (locked.ok || locked.error.code !== 'DATA_FOLDER_IN_USE' || performance.now() > until) return locked
    await delay(durations.lockRetryMs)
  }
}

function tell(message: FromStore): void {
  if (process.connected) process.send?.(message)
}

async function end(code: number): Promise<void> {
  // Every acknowledged write is on disk already; this only lets go of the port and the lock.
  await Promise.race([server?.stop(), delay(1_000, undefined, { ref: false })])
  unlock?.()
  process.exit(code)
}
