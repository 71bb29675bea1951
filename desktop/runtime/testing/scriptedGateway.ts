import type { GatewayInput } from '#shared/api/gatewayCalls.ts'
import type { Verdict } from '#shared/collections/task.schema.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { JsonValue } from '#shared/json.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { Gateway } from '../tasks/ports.ts'
import type { UploadFile } from '../tasks/upload/tusUpload.ts'

export interface ScriptedGateway extends Gateway {
  live: boolean
  setLive(live: boolean): void
  /** Answers of `frame.deliver`; default: accepted. */
  verdict: (input: GatewayInput<'frame.deliver'>) => Result<Verdict, AppError>
  delivered: GatewayInput<'frame.deliver'>[]
  finished: GatewayInput<'task.finish'>[]
  uploads: string[]
  upload: UploadFile
  /** The next this many uploads fail. */
  failUploads: number
  hint(topic: string, value?: JsonValue): void
}

/** A gateway that keeps a list of what it was told; for tests of the node's parts. */
export function scriptedGateway(): ScriptedGateway {
  const liveListeners = new Set<(live: boolean) => void>()
  const watchers = new Map<string, Set<(value: JsonValue) => void>>()
  const gateway: ScriptedGateway = {
    live: true,
    delivered: [],
    finished: [],
    uploads: [],
    failUploads: 0,
    verdict: ({ sha256 }) => ok({ verdict: 'accepted', sha256 }),
    setLive(live) {
      gateway.live = live
      for (const listener of liveListeners) listener(live)
    },
    isLive: () => gateway.live,
    onLive(listener) {
      liveListeners.add(listener)
      return () => void liveListeners.delete(listener)
    },
    access: () => Promise.resolve(gateway.live ? ok({ serverUrl: 'http://127.0.0.1:1', token: 'token' }) : err(unreachable())),
    watch(topic, listener) {
      const listeners = watchers.get(topic) ?? new Set()
      watchers.set(topic, listeners.add(listener))
      return () => void listeners.delete(listener)
    },
    hint: (topic, value = null) => watchers.get(topic)?.forEach((listener) => listener(value)),
    sendLive: () => undefined,
    upload: async (_path, { sha256 }) => {
      await Promise.resolve()
      if (!gateway.live) return err(unreachable())
      if (gateway.failUploads > 0) {
        gateway.failUploads -= 1
        return err(appError('UPLOAD_FAILED', { name: 'frame', reason: 'cut' }))
      }
      gateway.uploads.push(sha256)
      return ok(null)
    },
    async call(name, input) {
      await Promise.resolve()
      if (!gateway.live) return err(unreachable())
      // Safe: the union is taken apart by name, which the types cannot follow.
      return answer(gateway, name, input as never) as never
    },
  }
  return gateway
}

function answer(gateway: ScriptedGateway, name: string, input: never): Result<unknown> {
  if (name === 'frame.deliver') {
    gateway.delivered.push(input)
    const verdict = gateway.verdict(input)
    return verdict.ok ? ok({ verdict: verdict.value }) : verdict
  }
  if (name === 'task.finish') {
    gateway.finished.push(input)
    return ok({ closedAs: (input as GatewayInput<'task.finish'>).outcome })
  }
  return err(appError('NOT_FOUND'))
}

const unreachable = () => appError('SERVER_UNREACHABLE', { server: 'fake' })
