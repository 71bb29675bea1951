import { durations } from '#shared/durations.ts'
import type { GatewayContext } from '../gatewayContext.ts'
import type { HttpRoute } from '../http/routeTable.ts'
import { createGatewayMetrics } from './gatewayMetrics.ts'

/** How old an answer of the store may be: whoever asks every second does not load it. */
const freshMs = 5_000
const storeAnswersWithinMs = 3_000

/** Signs of life for whoever starts and watches processes, and figures for Prometheus. */
export function observeRoutes(context: GatewayContext, version: string): HttpRoute[] {
  const metrics = createGatewayMetrics(context, version)
  const isReady = storeCheck(context)
  const ready: Pick<HttpRoute, 'method' | 'who' | 'reason' | 'handle'> = {
    method: 'GET',
    who: 'anyone',
    reason: 'says only that the store behind the server answers',
    async handle(_request, reply) {
      const answers = await isReady()
      void reply.code(answers ? 200 : 503)
      return { live: true, ready: answers, version }
    },
  }
  return [
    {
      method: 'GET',
      path: '/health/live',
      who: 'anyone',
      reason: 'says only that the process answers',
      handle: async () => ({ live: true }),
    },
    { ...ready, path: '/health' },
    { ...ready, path: '/health/ready' },
    {
      method: 'GET',
      path: '/metrics',
      who: 'observer',
      async handle(_request, reply) {
        const { contentType, text } = await metrics()
        return reply.header('content-type', contentType).header('cache-control', 'no-store').send(text)
      },
    },
  ]
}

/** Asks the store itself, seldom. */
function storeCheck({ store, clock }: Pick<GatewayContext, 'store' | 'clock'>): () => Promise<boolean> {
  let askedAtMs = -Infinity
  let last: Promise<boolean> = Promise.resolve(false)
  return () => {
    if (clock.monotonicMs() - askedAtMs < freshMs) return last
    askedAtMs = clock.monotonicMs()
    last = new Promise((resolve) => {
      const cancel = clock.after(Math.min(storeAnswersWithinMs, durations.storeRequestTimeoutMs), () => resolve(false))
      store
        .latestPrivate('keys', 'health-check')
        .then(
          () => resolve(true),
          () => resolve(false),
        )
        .finally(cancel)
    })
    return last
  }
}
