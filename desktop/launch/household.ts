import { hostname, userInfo } from 'node:os'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import { ensureOwner, makeWorker, recallHousehold, rememberHousehold, type TokenLock } from './firstStart.ts'
import { operatorClient } from './operator.ts'
import { superviseGateway, type Gateway } from './gateway.ts'
import { rememberedHome, startHomeNode, type Home, type HomeNode, type HomeNodeOptions, type NodeHere } from './homeNode.ts'
import type { ProcessName } from './launcher.ts'
import type { LaunchContext } from './parts.ts'
import { serverClient, type ServerClient } from './serverClient.ts'
import { trackStarting } from './trackStarting.ts'
import type { Supervisor } from './supervisor.ts'

export interface HouseholdOptions extends LaunchContext, Pick<HomeNodeOptions, 'pagePort' | 'onNode'> {
  /** A CouchDB instead of the embedded store; may carry credentials. */
  couchUrl: string | null
  /** The system's keychain: the owner's session is kept locked, and the node seals its key with `nodeSecret`. Without one both lie in private files. */
  keychain?: TokenLock & { nodeSecret: string }
  /** Given up while starting: what was started is stopped, and the start rejects with CANCELLED. */
  signal?: AbortSignal
  /** What is being started just now; told with every change, empty in the end. */
  onStarting?: (parts: readonly ProcessName[]) => void
}

/** Everything of one computer: its own gateway, its node, and the page of both. */
export interface Household extends NodeHere {
  gatewayUrl: string
  ownerId: string
  nodeId: string
  /** The gateway, as this computer's owner. */
  owner: ServerClient
  /** A command to this computer's gateway, as its operator. Rejects with AppErrorException. */
  operator(): ServerClient
  processes(): Record<string, number>
  /** Stops the node, then the gateway; whatever is not gone after nine seconds is ended by force. Never rejects. */
  stop(): Promise<void>
  /** Ends everything at once. */
  kill(): void
}

const stopDeadlineMs = 9_000

/**
 * Starts the gateway and the node of this computer. The first time it makes the owner and enrols the computer, without questions; later it finds everything
 * as it was, and the node comes up beside its gateway: it can work and be looked at without one. Rejects with AppErrorException (the failing part's own
 * error); nothing is left running then.
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

/** What was started: it is stopped in reverse. */
type Part = Pick<Supervisor, 'stop' | 'kill'>

async function start(options: HouseholdOptions, started: Part[]): Promise<Household> {
  const { data, couchUrl } = options
  const lock = options.keychain ?? null
  const memory = recallHousehold(data.path, lock)
  const remembered = rememberedHome(memory)
  const starting = trackStarting(options.onStarting)
  let gatewayPort = memory.gatewayPort

  const gateway = superviseGateway(
    { ...options, onStarting: starting.begin, onStarted: starting.end },
    { couchUrl, startOptions: () => ({ host: '127.0.0.1', port: gatewayPort }) },
  )
  started.push(gateway)
  const startNode = (home: Home, config: JsonObject | null): HomeNode => {
    starting.begin('runtime')
    const onNode: HouseholdOptions['onNode'] = (event) => {
      if (event.kind === 'up') starting.end('runtime')
      options.onNode?.(event)
    }
    const made = startHomeNode({ ...options, nodeSecret: options.keychain?.nodeSecret ?? null, onNode }, home, config)
    started.push(made)
    return made
  }
  const early = remembered === null ? null : startNode(remembered, null)
  const gatewayUrl = await startOnUsualPort(gateway, () => (gatewayPort = 0))
  // The next start, and every restart of a gateway that died, answers at the same address.
  gatewayPort = Number(new URL(gatewayUrl).port)

  const operator = () => operatorClient(data.gateway, gatewayUrl)
  const owner = await ensureOwner(operator(), memory, userInfo().username || 'owner')
  const worker = memory.nodeId !== null && memory.ownerId === owner.ownerId ? null : await makeWorker(operator(), owner.ownerId, hostname())
  const nodeId = worker?.nodeId ?? memory.nodeId ?? ''
  const home: Home = { gatewayUrl, nodeId, ownerId: owner.ownerId, ownerToken: owner.token }

  const node = await settle(early, home, () => startNode(home, (worker?.config as JsonObject | undefined) ?? null))
  await node.ready(async () => (await operator().call('workers.config', { workerId: nodeId })).config)
  if (node === early) void node.here.askNode('uplink.wake', {})
  rememberHousehold(data.path, { gatewayPort, ownerId: owner.ownerId, nodeId, ownerToken: owner.token }, lock)

  const { here } = node
  return {
    ...{ gatewayUrl, nodeId, ownerId: owner.ownerId, pageUrl: here.pageUrl },
    ...{ askNode: here.askNode, openWindow: here.openWindow, startNodeAgain: here.startNodeAgain },
    owner: serverClient(gatewayUrl, owner.token),
    operator,
    processes: () => ({ ...gateway.processes(), ...node.processes() }),
    stop: () => stopAll([gateway, node], options),
    kill() {
      for (const part of [gateway, node]) part.kill()
    },
  }
}

/** The node that came up beside its gateway, if all that it was told is so; else one that is told anew. */
async function settle(early: HomeNode | null, home: Home, startAnew: () => HomeNode): Promise<HomeNode> {
  if (early === null) return startAnew()
  const facts = ['gatewayUrl', 'ownerId', 'ownerToken', 'nodeId'] as const
  if (facts.every((fact) => early.home[fact] === home[fact])) return early
  // Another port (the usual one was taken), a new session, another owner: seldom. Frames that are done are kept.
  await early.stop()
  return startAnew()
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
