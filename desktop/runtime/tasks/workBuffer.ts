import type { GatewayInput } from '#shared/api/gatewayCalls.ts'
import { durations } from '#shared/durations.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { workTopic } from '#shared/sync/live.ts'
import { backOffMs } from './backOff.ts'
import type { Gateway } from './ports.ts'

export type WorkRequest = GatewayInput<'work.request'>

export interface WorkBufferOptions {
  nodeId: string
  gateway: Gateway
  clock: Clock
  log: Logger
  /** What to ask for; null while nothing is wanted (enough held, paused, no Blender). */
  wanted: () => WorkRequest | null
  random?: () => number
}

export interface WorkBuffer {
  /** What is held or wanted changed. */
  wake(): void
  /** The server was asked and has nothing for this node; false again with the next task. */
  isServerEmpty(): boolean
  stop(): void
}

/** Never asks more often than this. */
const soonestMs = 250
const range = { minMs: durations.workRequestIntervalMs, maxMs: durations.workRequestMaxIntervalMs }

/**
 * Keeps the buffer filled: asks when less is held than wanted, waits as long as the server says (and a little more by chance),
 * and asks at once on a hint that there is work. Without a line it does nothing: the buffer is what it is there for.
 */
export function startWorkBuffer({ nodeId, gateway, clock, log, wanted, random = Math.random }: WorkBufferOptions): WorkBuffer {
  let asking = false
  /** A hint came while an answer was on its way that may have been made before. */
  let hinted = false
  let stopped = false
  let failures = 0
  let notBeforeMs = 0
  let askedAtMs = -Infinity
  let inVain = 0
  let heldBefore = 0
  let cancelTimer = () => undefined as void

  const later = (delayMs: number) => {
    notBeforeMs = clock.monotonicMs() + delayMs
  }
  const ask = async (request: WorkRequest) => {
    asking = true
    hinted = false
    askedAtMs = clock.monotonicMs()
    heldBefore = request.holding.length
    const answer = await gateway.call('work.request', request)
    asking = false
    if (stopped) return
    if (answer.ok) {
      failures = 0
      // Tasks arrive as documents and wake us; what is asked again before would be asked twice.
      // A server that has nothing will say so when it has: asking is only the fall-back, and an idle node should cost nothing.
      inVain = answer.value.taskIds.length > 0 ? 0 : inVain + 1
      const patienceMs = Math.min(answer.value.retryAfterMs * 2 ** Math.min(Math.max(0, inVain - 1), 8), durations.workRequestMaxIntervalMs)
      later(Math.max(patienceMs, Math.min(answer.value.retryAfterMs, durations.workRequestMaxIntervalMs)) * (1 + random() / 4))
    } else {
      failures += 1
      later(backOffMs(failures, range, random))
      log.debug('asked for work in vain', { code: answer.error.code, reason: answer.error.message })
    }
    if (hinted) now()
    else wake()
  }
  const wake = () => {
    cancelTimer()
    if (stopped || asking || !gateway.isLive()) return
    const request = wanted()
    if (request === null) return
    // A task that ended is a reason to ask sooner than was agreed.
    const dueMs = request.holding.length < heldBefore ? Math.min(notBeforeMs, askedAtMs + soonestMs) : notBeforeMs
    const delayMs = dueMs - clock.monotonicMs()
    if (delayMs <= 0) void ask(request)
    else cancelTimer = clock.after(delayMs, wake)
  }
  const now = () => {
    hinted = asking
    notBeforeMs = askedAtMs + soonestMs
    inVain = 0
    wake()
  }
  const unwatchLive = gateway.onLive((live) => {
    failures = 0
    if (live) now()
    else cancelTimer()
  })
  const unwatchHints = gateway.watch(workTopic(nodeId), now)
  return {
    wake,
    isServerEmpty: () => inVain > 0,
    stop() {
      stopped = true
      cancelTimer()
      unwatchLive()
      unwatchHints()
    },
  }
}
