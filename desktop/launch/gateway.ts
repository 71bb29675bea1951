import { join } from 'node:path'
import { storeFolderName, storeMovedAsk } from '#shared/api/storeProcess.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import { supervise, type LaunchContext } from './parts.ts'
import { superviseStore, type Store } from './store.ts'
import type { Supervisor } from './supervisor.ts'

/** The gateway of a data folder, and before it its store where no CouchDB is named. Either is started again when it dies; the other goes on. */
export interface Gateway {
  /** Resolves with its address. Rejects with AppErrorException, the failing part's own error; may be called again then, e.g. with another port. */
  start(): Promise<string>
  /** Process ids by name; who is down is absent. */
  processes(): Record<string, number>
  /** The gateway first, then what it writes to. Never rejects. */
  stop(): Promise<void>
  /** Ends both at once. */
  kill(): void
}

export interface GatewayStart {
  /** A CouchDB instead of the embedded store; may carry credentials. */
  couchUrl: string | null
  /** What else the gateway's process is started with; asked anew at each start. */
  startOptions: () => JsonObject
}

/** Told of the first start of each of the two. */
interface StartEvents {
  onStarting?: (part: 'store' | 'gateway') => void
  onStarted?: (part: 'store' | 'gateway') => void
}

export function superviseGateway(context: LaunchContext & StartEvents, { couchUrl, startOptions }: GatewayStart): Gateway {
  const { data, outFolder, log, onStarting, onStarted } = context
  let isStoreUp = couchUrl !== null
  let isEnding = false
  const store: Store | null =
    couchUrl === null
      ? superviseStore(context, join(data.gateway, storeFolderName), (target) => {
          // A gateway that is down hears it with its next start.
          if (supervisor.pid === undefined) return
          void supervisor.ask(storeMovedAsk, { target }).then((answer) => {
            if (!answer.ok) log.warn('the gateway did not take the store’s new place', { code: answer.error.code })
          })
        })
      : null
  const supervisor: Supervisor = supervise(context, 'gateway', () => ({
    ...{ dataFolder: data.gateway, couchUrl, store: store?.target() ?? null, dashboardFolder: join(outFolder, 'renderer') },
    ...startOptions(),
  }))
  return {
    async start() {
      if (!isStoreUp) {
        onStarting?.('store')
        await store?.supervisor.start()
        onStarted?.('store')
      }
      isStoreUp = true
      // Stopped while the store came up: nothing is started behind its back.
      if (isEnding) throw new AppErrorException(appError('CANCELLED'))
      onStarting?.('gateway')
      const address = addressOf('gateway', await supervisor.start())
      onStarted?.('gateway')
      return address
    },
    processes: () => ({ ...pidOf('store', store?.supervisor), ...pidOf('gateway', supervisor) }),
    async stop() {
      isEnding = true
      await supervisor.stop()
      await store?.supervisor.stop()
    },
    kill() {
      isEnding = true
      supervisor.kill()
      store?.supervisor.kill()
    },
  }
}

/** The process id by name; nothing while it is down. */
export const pidOf = (name: string, part: Supervisor | undefined): Record<string, number> =>
  part?.pid === undefined ? {} : { [name]: part.pid }

/** The address that a process said when it was ready. */
export function addressOf(name: string, value: JsonObject): string {
  const url = value['url']
  if (typeof url === 'string') return url.replace(/\/$/, '')
  throw new AppErrorException(appError('PROCESS_FAILED', { name, reason: 'it did not say its address' }))
}
