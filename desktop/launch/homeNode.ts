import { join } from 'node:path'
import type { WorkerConfig } from '#shared/api/workerConfig.ts'
import { toAppError } from '#shared/errors/appError.ts'
import type { JsonObject, JsonValue } from '#shared/json.ts'
import type { Result } from '#shared/result.ts'
import type { HouseholdMemory } from './firstStart.ts'
import { addressOf, pidOf } from './gateway.ts'
import { supervise, type LaunchContext } from './parts.ts'

export interface HomeNodeOptions extends LaunchContext {
  /** The port of the page; 0 finds a free one. */
  pagePort: number
  /** 32 bytes as base64url that the node seals its key with; without one it lies in a private file. */
  nodeSecret: string | null
  /** The node's process is up (the first time: on later starts that may be before its gateway), ended by itself, or does not stay up. */
  onNode?: ((event: { kind: 'up'; node: NodeHere } | { kind: 'down' | 'gaveUp'; reason: string; waitMs: number }) => void) | undefined
}

/** The node of this computer, for whoever started it. */
export interface NodeHere {
  /** Its page: the owner's dashboard, also while the gateway is away. */
  pageUrl: string
  /** Asks the node something (shared/api/runtimeAsks.ts, or any call of an owner). Never rejects. */
  askNode: (name: string, input: JsonObject, timeoutMs?: number) => Promise<Result<JsonValue>>
  /** Hands a window's message port to the node (Electron only). False while the node is down. */
  openWindow: (port: unknown) => boolean
  /** Starts a node again that does not stay up, without waiting for its next turn. */
  startNodeAgain: () => void
}

/** Where the node belongs: enough to start it without asking its gateway. */
export interface Home {
  gatewayUrl: string
  ownerId: string
  ownerToken: string
  nodeId: string
}

/** What an earlier start left behind; null before the first one, or when part of it was lost. */
export function rememberedHome({ gatewayPort, ownerId, ownerToken, nodeId }: HouseholdMemory): Home | null {
  if (gatewayPort === 0 || ownerId === null || ownerToken === null || nodeId === null) return null
  return { gatewayUrl: `http://127.0.0.1:${gatewayPort}`, ownerId, ownerToken, nodeId }
}

/** The node's process under its supervisor. */
export interface HomeNode {
  home: Home
  here: NodeHere
  /**
   * It is up. Rejects with AppErrorException.
   * @param enrolAgain the config for a node whose key is lost to its own gateway
   */
  ready(enrolAgain: () => Promise<WorkerConfig>): Promise<void>
  processes(): Record<string, number>
  /** For good. Never rejects. */
  stop(): Promise<void>
  kill(): void
}

/** Starts the node of `home`; with a config it is enrolled first. */
export function startHomeNode(options: HomeNodeOptions, home: Home, config: JsonObject | null): HomeNode {
  const { data, outFolder, nodeSecret, launcher, onNode, log } = options
  // Only until the node has it: one that is started again later may have joined another server meanwhile.
  let firstConfig = config
  let usedPagePort = options.pagePort
  let pageUrl = ''
  const startOptions = (): JsonObject => ({
    dataFolder: data.runtime,
    serverUrl: home.gatewayUrl,
    config: firstConfig,
    ownerToken: home.ownerToken,
    sealKey: nodeSecret,
    pagePort: usedPagePort,
    dashboardFolder: join(outFolder, 'renderer'),
    ...(launcher.upscaler === undefined ? {} : { upscaler: launcher.upscaler }),
    ...(process.env['PICTOR_BLENDER'] === undefined ? {} : { blenderPaths: [process.env['PICTOR_BLENDER']] }),
    ...(process.env['PICTOR_BENCHMARK'] === 'asked' ? { benchmark: 'asked' } : {}),
  })
  const runtime = supervise(options, 'runtime', startOptions, {
    onReady(value) {
      firstConfig = null
      pageUrl = addressOf('runtime', value)
      usedPagePort = Number(new URL(pageUrl).port)
      onNode?.({ kind: 'up', node: here })
    },
    onDown: (reason, waitMs) => onNode?.({ kind: 'down', reason, waitMs }),
    onGaveUp: (reason, waitMs) => onNode?.({ kind: 'gaveUp', reason, waitMs }),
  })
  const here: NodeHere = {
    get pageUrl() {
      return pageUrl
    },
    askNode: (name, input, timeoutMs) => runtime.ask(name, input, timeoutMs),
    openWindow: (port) => runtime.openWindow(port),
    startNodeAgain: () => runtime.retry(),
  }
  const first = runtime.start()
  // Whoever waits for `ready` hears of it.
  first.catch(() => undefined)
  return {
    ...{ home, here },
    async ready(enrolAgain) {
      try {
        await first
      } catch (error) {
        const { code, details } = toAppError(error)
        if (code !== 'IDENTITY_DAMAGED') throw error
        const again = await enrolAgain()
        if (details?.['world'] !== `${again.serverId}-${home.ownerId}`) throw error
        // The key of this computer is lost to its own gateway: it is the same worker with a new key, and keeps all else.
        log.warn('the key of this computer cannot be read any more; it is enrolled again', { path: details['path'] ?? null })
        firstConfig = again as JsonObject
        await runtime.start()
      }
    },
    processes: () => pidOf('runtime', runtime),
    stop: () => runtime.stop(),
    kill: () => runtime.kill(),
  }
}
