import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { appError, AppErrorException, toAppError } from '#shared/errors/appError.ts'
import type { JsonObject, JsonValue } from '#shared/json.ts'
import type { Result } from '#shared/result.ts'
import { ensureOwner, makeWorker, recallHousehold, rememberHousehold, type TokenLock } from './firstStart.ts'
import { operatorClient } from './operator.ts'
import { addressOf, pidOf, superviseGateway, type Gateway } from './gateway.ts'
import { supervise, type LaunchContext } from './parts.ts'
import { serverClient, type ServerClient } from './serverClient.ts'
import type { Supervisor } from './supervisor.ts'

export interface HouseholdOptions extends LaunchContext {
  /** The port of the page; 0 finds a free one. */
  pagePort: number
  /** A CouchDB instead of the embedded store; may carry credentials. */
  couchUrl: string | null
  /** The system's keychain: the owner's session is kept locked, and the node seals its key with `nodeSecret`. Without one both lie in private files. */
  keychain?: TokenLock & { nodeSecret: string }
  /** Given up while starting: what was started is stopped, and the start rejects with CANCELLED. */
  signal?: AbortSignal
  /** The node's process ended by itself, came back, or does not stay up. */
  onNode?: (event: { kind: 'up' } | { kind: 'down' | 'gaveUp'; reason: string; waitMs: number }) => void
}

/** Everything of one computer: its own gateway, its node, and the page of both. */
export interface Household {
  gatewayUrl: string
  /** The page of this computer's node: the owner's dashboard, also while the gateway is away. */
  pageUrl: string
  ownerId: string
  nodeId: string
  /** The gateway, as this computer's owner. */
  owner: ServerClient
  /** Asks the node something (shared/api/runtimeAsks.ts, or any call of an owner). Never rejects. */
  askNode(name: string, input: JsonObject, timeoutMs?: number): Promise<Result<JsonValue>>
  /** A command to this computer's gateway, as its operator. Rejects with AppErrorException. */
  operator(): ServerClient
  processes(): Record<string, number>
  /** Hands a window's message port to the node (Electron only). False while the node is down. */
  openWindow(port: unknown): boolean
  /** Starts a node again that does not stay up, without waiting for its next turn. */
  startNodeAgain(): void
  /** Stops the node, then the gateway; whatever is not gone after nine seconds is ended by force. Never rejects. */
  stop(): Promise<void>
  /** Ends everything at once. */
  kill(): void
}

const stopDeadlineMs = 9_000

/**
 * Starts the gateway and the node of this computer. The first time it makes the owner and enrols the computer, without questions;
 * later it finds everything as it was. Rejects with AppErrorException (the failing part's own error); nothing is left running then.
 */
export async function startHousehold(options: HouseholdOptions): Promise<Household> {
  const started: Part[] = []
  const { signal } = options
  const giveUp = () => void stopAll(started, options)
  signal?.addEventListener('abort', giveUp)
  try {
    return await start(options, started)
  } catch (error) {
    await stopAll(started, options)
    throw signal?.aborted === true ? new AppErrorException(appError('CANCELLED'), { cause: error }) : error
  } finally {
    signal?.removeEventListener('abort', giveUp)
  }
}

/** What is started in order, and stopped in reverse. */
type Part = Pick<Supervisor, 'stop' | 'kill'>

async function start(options: HouseholdOptions, started: Part[]): Promise<Household> {
  const { data, outFolder, couchUrl, pagePort } = options
  const lock = options.keychain ?? null
  const memory = recallHousehold(data.path, lock)
  const rendererFolder = join(outFolder, 'renderer')
  let gatewayPort = memory.gatewayPort

  const gateway = superviseGateway(options, { couchUrl, startOptions: () => ({ host: '127.0.0.1', port: gatewayPort }) })
  started.push(gateway)
  const gatewayUrl = await startOnUsualPort(gateway, () => (gatewayPort = 0))
  // The next start, and every restart of a gateway that died, answers at the same address.
  gatewayPort = Number(new URL(gatewayUrl).port)

  const operator = () => operatorClient(data.gateway, gatewayUrl)
  const owner = await ensureOwner(operator(), memory, userInfo().username || 'owner')
  const worker = memory.nodeId !== null && memory.ownerId === owner.ownerId ? null : await makeWorker(operator(), owner.ownerId, hostname())
  const nodeId = worker?.nodeId ?? memory.nodeId ?? ''

  // Only until the node has it: one that is started again later may have joined another server meanwhile.
  let firstConfig = worker === null ? null : (worker.config as JsonObject)
  let usedPagePort = pagePort
  const runtimeOptions = (): JsonObject => ({
    dataFolder: data.runtime,
    serverUrl: gatewayUrl,
    config: firstConfig,
    ownerToken: owner.token,
    sealKey: options.keychain?.nodeSecret ?? null,
    pagePort: usedPagePort,
    dashboardFolder: rendererFolder,
    ...(options.launcher.upscaler === undefined ? {} : { upscaler: options.launcher.upscaler }),
    ...(process.env['PICTOR_BLENDER'] === undefined ? {} : { blenderPaths: [process.env['PICTOR_BLENDER']] }),
    ...(process.env['PICTOR_BENCHMARK'] === 'asked' ? { benchmark: 'asked' } : {}),
  })
  const runtime = supervise(options, 'runtime', runtimeOptions, {
    onReady() {
      firstConfig = null
      options.onNode?.({ kind: 'up' })
    },
    onDown: (reason, waitMs) => options.onNode?.({ kind: 'down', reason, waitMs }),
    onGaveUp: (reason, waitMs) => options.onNode?.({ kind: 'gaveUp', reason, waitMs }),
  })
  started.push(runtime)
  const pageUrl = addressOf(
    'runtime',
    await runtime.start().catch(async (error: unknown) => {
      // The key of this computer is lost to its own gateway: it is the same worker with a new key, and keeps all else.
      const { config } = await operator().call('workers.config', { workerId: nodeId })
      const { code, details } = toAppError(error)
      if (code !== 'IDENTITY_DAMAGED' || details?.['world'] !== `${config.serverId}-${owner.ownerId}`) throw error
      options.log.warn('the key of this computer cannot be read any more; it is enrolled again', { path: details['path'] ?? null })
      firstConfig = config as JsonObject
      return runtime.start()
    }),
  )
  usedPagePort = Number(new URL(pageUrl).port)
  rememberHousehold(data.path, { gatewayPort, ownerId: owner.ownerId, nodeId, ownerToken: owner.token }, lock)

  return {
    ...{ gatewayUrl, pageUrl, nodeId, ownerId: owner.ownerId },
    owner: serverClient(gatewayUrl, owner.token),
    askNode: (name, input, timeoutMs) => runtime.ask(name, input, timeoutMs),
    operator,
    openWindow: (port) => runtime.openWindow(port),
    startNodeAgain: () => runtime.retry(),
    processes: () => ({ ...gateway.processes(), ...pidOf('runtime', runtime) }),
    stop: () => stopAll([gateway, runtime], options),
    kill() {
      for (const part of [gateway, runtime]) part.kill()
    },
  }
}

/** The gateway keeps its port between starts; when another program has taken it meanwhile, any other will do. */
async function startOnUsualPort(gateway: Gateway, takeAnyPort: () => void): Promise<string> {
  try {
    return await gateway.start()
  } catch (error) {
    if (!(error instanceof AppErrorException) || error.error.code !== 'PORT_IN_USE') throw error
    takeAnyPort()
    return await gateway.start()
  }
}

/** In reverse order of starting; together they have `stopDeadlineMs`. */
async function stopAll(parts: readonly Part[], { clock }: LaunchContext): Promise<void> {
  const cancel = clock.after(stopDeadlineMs, () => {
    for (const part of parts) part.kill()
  })
  for (const part of [...parts].reverse()) await part.stop()
  cancel()
}
