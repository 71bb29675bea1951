import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { startGateway, type GatewayOptions, type RunningGateway } from '../entry.ts'
import { couchTargetFromUrl } from '../store/couchTarget.ts'
import { gatewayUser, type GatewayUser } from './gatewayUser.ts'
import { forkStore } from './forkStore.ts'
import { quietLog, realClock, temporaryFolder } from './testTools.ts'

export interface TestGateway extends RunningGateway, GatewayUser {
  dataFolder: string
  /** Stops it and starts it again on the same data and port. */
  restart(whileStopped?: () => void): Promise<void>
  remove(): Promise<void>
}

/** A whole gateway in this process, with its embedded store as a child, or on COUCHDB_URL. */
export async function startTestGateway(overrides: Partial<GatewayOptions> = {}): Promise<TestGateway> {
  const folder = temporaryFolder()
  const couchUrl = process.env['COUCHDB_URL'] ?? null
  const options: GatewayOptions = {
    dataFolder: join(folder.path, 'gateway'),
    ...{ host: '127.0.0.1', port: 0, couchUrl, couchPrefix: `pt${randomBytes(5).toString('hex')}-` },
    ...{ dashboardFolder: join(folder.path, 'dashboard'), startStore: forkStore, log: quietLog, clock: realClock },
    ...overrides,
  }
  let running = await start(options)
  const user = gatewayUser(() => running)
  return {
    dataFolder: options.dataFolder,
    ...{ request: user.request, call: user.call, addOwner: user.addOwner, enrolNode: user.enrolNode },
    get operatorToken() {
      return user.operatorToken
    },
    get url() {
      return running.url
    },
    get port() {
      return running.port
    },
    get serverId() {
      return running.serverId
    },
    get operatorTokenPath() {
      return running.operatorTokenPath
    },
    stop: () => running.stop(),
    async restart(whileStopped) {
      const { port } = running
      await running.stop()
      whileStopped?.()
      running = await start({ ...options, port })
    },
    async remove() {
      await running.stop()
      if (couchUrl !== null) await deleteDatabases(couchUrl, options.couchPrefix ?? '')
      folder.remove()
    },
  }
}

async function start(options: GatewayOptions): Promise<RunningGateway> {
  const started = await startGateway(options)
  if (!started.ok) throw new Error(`${started.error.code}: ${started.error.message} ${JSON.stringify(started.error.details)}`)
  return started.value
}

/** Takes the databases of a test run away from a CouchDB that is not ours alone. */
export async function deleteDatabases(couchUrl: string, prefix: string): Promise<void> {
  const target = couchTargetFromUrl(couchUrl)
  if (!target.ok) return
  const headers = target.value.authorization === null ? {} : { authorization: target.value.authorization }
  const names = (await (await fetch(`${target.value.url}/_all_dbs`, { headers })).json()) as string[]
  for (const name of names)
    if (name.startsWith(prefix)) await fetch(`${target.value.url}/${encodeURIComponent(name)}`, { method: 'DELETE', headers })
}
