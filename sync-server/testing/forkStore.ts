import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { storeReadySchema, type StoreTarget } from '#shared/api/storeProcess.ts'
import { AppErrorException } from '#shared/errors/appError.ts'
import type { FromChild, ToChild } from '#shared/processes/childProcess.ts'
import type { RunningStore } from '../embedded/startStore.ts'

export interface ForkedStore extends RunningStore {
  target: () => StoreTarget | null
  pid: number
  /** As a power cut would. */
  kill(): Promise<void>
}

/** As desktop/launch/parts.ts starts it, so that a bench measures what people run. */
const engineFlags = ['--no-warnings', '--max-semi-space-size=16', '--max-old-space-size=512']
/** The file that the store's process runs, in the source tree. */
const entryPath = fileURLToPath(new URL('../embedded/main.ts', import.meta.url))

/** The real store in a process of its own, from the sources, for tests that use it; nobody starts it again (desktop/launch does in the product). */
export async function forkStore(folder: string): Promise<ForkedStore> {
  const child = fork(entryPath, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: engineFlags })
  const password = randomBytes(24).toString('base64url')
  const gone = once(child, 'exit')
  const ready = new Promise<number>((resolve, reject) => {
    child.on('message', (raw) => {
      const message = raw as FromChild
      if (message.kind === 'ready') resolve(storeReadySchema.parse(message.value).port)
      else if (message.kind === 'failed') reject(new AppErrorException(message.error))
    })
    child.once('exit', (code) => reject(new Error(`the store ended with ${code}`)))
  })
  const send = (message: ToChild) => child.connected && child.send(message)
  send({ kind: 'start', options: { folder, user: 'gateway', password } })
  const authorization = `Basic ${Buffer.from(`gateway:${password}`).toString('base64')}`
  let target: StoreTarget | null = { url: `http://127.0.0.1:${await ready}`, authorization }
  child.once('exit', () => (target = null))
  return {
    target: () => target,
    pid: child.pid ?? 0,
    async stop() {
      send({ kind: 'stop' })
      await gone
    },
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}
