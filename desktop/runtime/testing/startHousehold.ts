import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeFolderName, storeReadySchema, type StoreTarget } from '#shared/api/storeProcess.ts'
import type { WorkerConfig } from '#shared/api/workerConfig.ts'
import type { AppError } from '#shared/errors/appError.ts'
import type { JsonObject, JsonValue } from '#shared/json.ts'
import type { FromChild, ToChild } from '#shared/processes/childProcess.ts'
import type { Result } from '#shared/result.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const script = (path: string) => join(root, path)

/** A process of ours, as a launcher would start it. */
export interface StartedProcess {
  child: ChildProcess
  value: JsonObject
  ask(name: string, input: JsonObject): Promise<Result<JsonValue>>
  /** Orderly; gives the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL, to this process only. */
  kill(): Promise<void>
}

export interface HowToStart {
  engineFlags?: readonly string[]
  environment?: Record<string, string>
}

/** Starts a process and waits until it serves. Rejects with the error it reports, as a `ProcessError`. */
export async function startProcess(path: string, options: JsonObject, how: HowToStart = {}): Promise<StartedProcess> {
  const execArgv = ['--no-warnings', ...(how.engineFlags ?? [])]
  const child = fork(path, [], { execArgv, env: { ...process.env, ...how.environment }, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  const send = (message: ToChild) => child.send(message)
  const answers = new Map<number, (result: Result<JsonValue>) => void>()
  const value = await new Promise<JsonObject>((resolve, reject) => {
    child.on('message', (raw) => {
      const message = raw as FromChild
      if (message.kind === 'ready') resolve(message.value)
      else if (message.kind === 'failed') reject(new ProcessError(message.error))
      else if (message.kind === 'answer') answers.get(message.id)?.(message.result)
    })
    child.once('exit', (code) => reject(new Error(`${path} ended with ${code}`)))
    send({ kind: 'start', options })
  })
  const gone = async (): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    return child.exitCode
  }
  return {
    child,
    value,
    ask: (name, input) =>
      new Promise((resolve) => {
        const id = answers.size + 1
        answers.set(id, resolve)
        send({ kind: 'ask', id, name, input })
      }),
    stop() {
      if (child.connected) send({ kind: 'stop' })
      return gone()
    },
    async kill() {
      child.kill('SIGKILL')
      await gone()
    },
  }
}

/** The embedded store, as a launcher would start it; nobody starts it again. */
export async function startStore(path: string, folder: string): Promise<{ process: StartedProcess; target: StoreTarget }> {
  const password = 'of-this-test-only-and-long'
  const process = await startProcess(path, { folder, user: 'gateway', password })
  const authorization = `Basic ${Buffer.from(`gateway:${password}`).toString('base64')}`
  return { process, target: { url: `http://127.0.0.1:${storeReadySchema.parse(process.value).port}`, authorization } }
}

export class ProcessError extends Error {
  readonly error: AppError
  constructor(error: AppError) {
    super(`${error.code}: ${error.message}`)
    this.error = error
  }
}

const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')

/** A gateway with one owner, and what it takes to start nodes of theirs; all in a temporary folder. */
export interface TestHousehold {
  folder: string
  gateway(): StartedProcess
  gatewayUrl(): string
  ownerToken: string
  call(name: string, input: JsonObject): Promise<JsonValue>
  newConfig(name: string): Promise<WorkerConfig>
  /** All documents of a collection, as the owner sees them at the gateway. */
  documents<Document>(collection: string): Promise<Document[]>
  startRuntime(name: string, config: WorkerConfig | null, more?: JsonObject): Promise<StartedProcess>
  /** At the port it had. */
  restartGateway(): Promise<void>
  stop(): Promise<void>
}

const sources: Scripts = {
  gateway: script('sync-server/main.ts'),
  store: script('sync-server/embedded/main.ts'),
  runtime: script('desktop/runtime/main.ts'),
}
export interface Scripts {
  gateway: string
  store: string
  runtime: string
}

/** Real processes (by default from the sources): the gateway with its embedded store. Ours alone; `stop` leaves nothing behind. */
export async function startHousehold(scripts: Scripts = sources, runtimeHow: HowToStart = {}): Promise<TestHousehold> {
  const folder = await mkdtemp(join(tmpdir(), 'pictor-household-'))
  const store = await startStore(scripts.store, join(folder, 'gateway', storeFolderName))
  const gatewayOptions = {
    dataFolder: join(folder, 'gateway'),
    dashboardFolder: folder,
    store: store.target,
    logLevel: 'error',
  }
  let gateway = await startProcess(scripts.gateway, gatewayOptions)
  const url = textOf(gateway.value['url'])
  // A new one at every start of the gateway.
  const operator = () => readFileSync(textOf(gateway.value['operatorTokenPath']), 'utf8').trim()
  const post = async (path: string, body: JsonObject, token: string | null): Promise<JsonValue> => {
    const headers = { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) }
    const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    const answer = (await response.json()) as JsonObject
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`)
    return answer['value'] ?? answer
  }
  const owner = (await post('/api/call/owners.add', { name: 'owner' }, operator())) as JsonObject
  const session = (await post('/api/session/link', { secret: owner['signInSecret'] ?? '', wantToken: true }, null)) as JsonObject
  const ownerToken = textOf(session['token'])
  const started: StartedProcess[] = []
  return {
    folder,
    ownerToken,
    gateway: () => gateway,
    gatewayUrl: () => url,
    call: (name, input) => post(`/api/call/${name}`, input, operator()),
    async newConfig(name) {
      const made = (await post('/api/call/workers.create', { name, ownerId: owner['ownerId'] ?? '' }, operator())) as JsonObject
      return made['config'] as WorkerConfig
    },
    async documents<Document>(collection: string) {
      const reply = (await post('/sync/pull', { collection, checkpoint: null, limit: 2_000 }, ownerToken)) as JsonObject
      return reply['documents'] as unknown as Document[]
    },
    async startRuntime(name, config, more = {}) {
      const options = {
        dataFolder: join(folder, name),
        serverUrl: url,
        config: config as unknown as JsonObject,
        ownerToken,
        logLevel: 'error',
        // It would take the processor from what is measured.
        benchmark: 'asked',
        ...more,
      }
      const runtime = await startProcess(scripts.runtime, options, runtimeHow)
      started.push(runtime)
      return runtime
    },
    async restartGateway() {
      gateway = await startProcess(scripts.gateway, { ...gatewayOptions, port: Number(new URL(url).port) })
    },
    async stop() {
      for (const runtime of started.reverse()) await runtime.stop()
      await gateway.stop()
      await store.process.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
