import { fork, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { storeFolderName } from '#shared/api/storeProcess.ts'
import type { FromChild, ToChild } from '#shared/processes/childProcess.ts'
import { gatewayUser, type GatewayUser } from './gatewayUser.ts'
import { deleteDatabases } from './startTestGateway.ts'
import { forkStore, type ForkedStore } from './forkStore.ts'
import { temporaryFolder } from './testTools.ts'

export interface GatewayProcess extends GatewayUser {
  readonly url: string
  readonly dataFolder: string
  /** Of the gateway's process as it runs now. */
  readonly pid: number
  /** Ends it like a power cut would, and its store with it, and waits until both are gone. */
  kill(): Promise<void>
  /** Starts it again on the same data and port. */
  start(): Promise<void>
  remove(): Promise<void>
}

const entryPath = fileURLToPath(new URL('../main.ts', import.meta.url))
/** As `pictor server` starts it (desktop/launch/parts.ts), so that a bench measures what people run. */
const engineFlags = ['--no-warnings', '--min-semi-space-size=16', '--max-semi-space-size=16']

/** A gateway in a process of its own, for tests that kill it and for benches. */
export async function startGatewayProcess(): Promise<GatewayProcess> {
  const folder = temporaryFolder()
  const couchUrl = process.env['COUCHDB_URL'] ?? null
  const couchPrefix = `pt${randomBytes(5).toString('hex')}-`
  const dataFolder = join(folder.path, 'gateway')
  let port = 0
  let child: ChildProcess | null = null
  let store: ForkedStore | null = null
  let facts = { url: '', serverId: '', operatorTokenPath: '' }

  async function start(): Promise<void> {
    store = couchUrl === null ? await forkStore(join(dataFolder, storeFolderName)) : null
    const started = fork(entryPath, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: engineFlags })
    child = started
    const ready = new Promise<FromChild>((resolve, reject) => {
      started.on('message', (raw) => {
        const message = raw as FromChild
        if (message.kind !== 'starting') resolve(message)
      })
      started.once('exit', (code) => reject(new Error(`the gateway ended with ${code}`)))
    })
    const options = {
      dataFolder,
      host: '127.0.0.1',
      port,
      couchUrl,
      couchPrefix,
      dashboardFolder: folder.path,
      store: store?.target() ?? null,
      logLevel: 'silent',
    }
    started.send({ kind: 'start', options } satisfies ToChild)
    const message = await ready
    if (message.kind !== 'ready') throw new Error(JSON.stringify(message))
    facts = message.value as typeof facts
    port = Number(new URL(facts.url).port)
  }
  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return
    const gone = new Promise((resolve) => ending.once('exit', resolve))
    ending.kill(signal)
    await gone
    await (signal === 'SIGKILL' ? store?.kill() : store?.stop())
  }

  await start()
  const user = gatewayUser(() => facts)
  return {
    dataFolder,
    ...{ request: user.request, call: user.call, addOwner: user.addOwner, enrolNode: user.enrolNode },
    get operatorToken() {
      return user.operatorToken
    },
    get url() {
      return facts.url
    },
    get pid() {
      return child?.pid ?? 0
    },
    start,
    kill: () => end('SIGKILL'),
    async remove() {
      await end('SIGTERM')
      if (couchUrl !== null) await deleteDatabases(couchUrl, couchPrefix)
      folder.remove()
    },
  }
}
