import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Job } from '#shared/collections/job.schema.ts'
import { makeTestScene, type TestSceneOptions } from '../../desktop/runtime/engines/testing/makeTestScene.ts'
import { tusUpload } from '../../desktop/runtime/tasks/upload/tusUpload.ts'
import { serverClient, type ServerClient } from '../../desktop/launch/serverClient.ts'
import { runCli } from './cli.ts'
import { makeJob } from './makeJob.ts'
import type { Computer } from './computer.ts'
import type { Started } from './started.ts'
import { openStores } from './stores.ts'

/** A gateway and one node, as two computers would have them, with an owner who is signed in. */
export interface Farm {
  serverData: string
  workerData: string
  server: Started
  worker: Started
  url: string
  owner(): ServerClient
  /** For when the owner's session has ended by the server's clock. */
  signInAgain(): Promise<void>
  ownerToken: string
  nodeId: string
  /** A job of the owner, not sent yet. */
  jobOf(changes: Partial<Job>): Job
  /** Sends the scene and submits it; gives the job's id. */
  submit(scene: TestSceneOptions, frames: number, chunkSize: number): Promise<string>
  /** Starts the server again after it ended, at the same address. */
  startServer(): Promise<void>
  startWorker(): Promise<void>
}

export interface FarmOptions {
  /** false: the worker is made but nowhere set up, so the farm has no node that runs. */
  withWorker?: boolean
  /** What the processes of the server, and of the worker, are started with beside the usual. */
  serverEnv?: Record<string, string>
  workerEnv?: Record<string, string>
}

export async function startFarm(
  computer: Computer,
  { withWorker = true, serverEnv = {}, workerEnv = {} }: FarmOptions = {},
): Promise<Farm> {
  const [serverData, workerData, config] = [computer.folder('server'), computer.folder('worker'), computer.folder('worker.pictor.json')]
  const server = await computer.startServer(serverData, [], { env: serverEnv })
  const url = server.instance().gatewayUrl ?? ''
  const port = new URL(url).port
  const { signInSecret } = (await runCli(['server', 'owner', 'add', 'Ada', '--data', serverData, '--json'])).json()
  const { token: first, ownerId } = await serverClient(url).signInByLink(String(signInSecret))
  let token = first
  const made = (await runCli(['worker', 'create', 'one', '--out', config, '--data', serverData, '--json'])).json()
  const worker = withWorker ? await computer.startWorker(workerData, ['--config', config, '--ui', '0'], { env: workerEnv }) : server
  const uiPort = withWorker ? new URL(worker.instance().pageUrl ?? '').port : '0'
  const owner = () => serverClient(url, token ?? '')
  const jobOf = (changes: Partial<Job>) => makeJob(ownerId, changes)
  const farm: Farm = {
    ...{ serverData, workerData, server, worker, url, owner, jobOf, ownerToken: first ?? '', nodeId: String(made['workerId']) },
    submit: (options, frames, chunkSize) => sendScene(owner(), token ?? '', jobOf, options, { frames, chunkSize }),
    async signInAgain() {
      const { secret } = await openStores(serverData).operator().call('owners.link', { ownerId })
      token = (await serverClient(url).signInByLink(secret)).token
    },
    async startServer() {
      farm.server = await untilFree(() => computer.startServer(serverData, ['--port', port], { env: serverEnv }))
    },
    async startWorker() {
      farm.worker = await untilFree(() => computer.startWorker(workerData, ['--ui', uiPort], { env: workerEnv }))
    },
  }
  return farm
}

/** A job of somebody else on the server of a data folder: a new owner, who sends a scene and submits it. Gives the job's id. */
export async function submitAs(
  data: string,
  name: string,
  scene: TestSceneOptions,
  size: { frames: number; chunkSize: number },
): Promise<string> {
  const operator = openStores(data).operator()
  const { signInSecret } = await operator.call('owners.add', { name })
  const { token, ownerId } = await serverClient(operator.url).signInByLink(signInSecret)
  const client = serverClient(operator.url, token ?? '')
  return sendScene(client, token ?? '', (changes) => makeJob(ownerId, changes), scene, size)
}

async function sendScene(
  client: ServerClient,
  token: string,
  jobOf: (changes: Partial<Job>) => Job,
  options: TestSceneOptions,
  { frames, chunkSize }: { frames: number; chunkSize: number },
): Promise<string> {
  const path = await makeTestScene({ frames, ...options })
  const bytes = readFileSync(path)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const scene = { sha256, sizeBytes: (await stat(path)).size, name: 'scene.blend' }
  const access = async () => ({ ok: true as const, value: { serverUrl: client.url, token } })
  const urls = { get: () => undefined, set: () => undefined, delete: () => undefined, flush: async () => undefined }
  const sent = await tusUpload(
    path,
    { sha256, name: scene.name, purpose: 'input' },
    { gateway: { access }, urls, signal: AbortSignal.timeout(60_000) },
  )
  if (!sent.ok) throw new Error(`the scene was not sent: ${sent.error.message}`)
  const job = jobOf({ name: 'Outage', frames: Array.from({ length: frames }, (_, index) => index + 1), chunkSize, scene })
  return (await client.call('jobs.submit', { job })).jobId
}

/** What was killed may hold its data folder or its port for a moment longer. */
async function untilFree(start: () => Promise<Started>): Promise<Started> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start()
    } catch (error) {
      if (attempt === 20 || !/IN_USE/.test(String(error))) throw error
      await delay(250)
    }
  }
}
