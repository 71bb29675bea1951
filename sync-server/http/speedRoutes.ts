import { randomBytes } from 'node:crypto'
import { appError } from '#shared/errors/appError.ts'
import { speedBytes, speedPath } from '#shared/api/speedTest.ts'
import { err, ok } from '#shared/result.ts'
import type { Clock } from '#shared/log.ts'
import { clientSession, type HttpRoute } from './routeTable.ts'

/** Per node or owner; a node measures once a day. */
const bytesAnHour = 8 * speedBytes.most
const hourMs = 3_600_000
const rememberedMost = 10_000

/**
 * Something to measure a line with: `GET` gives as many bytes as are asked for, `POST` takes them and throws them away. Small, and little of it: it is
 * no way to keep a server busy.
 */
export function speedRoutes(clock: Pick<Clock, 'now'>): HttpRoute[] {
  const used = new Map<string, { since: number; bytes: number }>()
  // Base64 does not shrink on its way and stays text.
  const content = randomBytes((speedBytes.most * 3) / 4).toString('base64')
  const mayUse = (who: string, bytes: number): boolean => {
    const nowMs = clock.now()
    const found = used.get(who)
    const mine = found === undefined || nowMs - found.since > hourMs ? { since: nowMs, bytes: 0 } : found
    if (mine.bytes + bytes > bytesAnHour) return false
    mine.bytes += bytes
    used.delete(who)
    used.set(who, mine)
    for (const oldest of used.keys()) if (used.size > rememberedMost) used.delete(oldest)
    return true
  }
  return [
    {
      method: 'GET',
      path: speedPath,
      who: 'ownerOrNode',
      async handle(request, reply, session) {
        const { ownerId, nodeId } = clientSession(session)
        const wanted = Number((request.query as { bytes?: unknown }).bytes ?? speedBytes.least)
        if (!Number.isInteger(wanted) || wanted < 1 || wanted > speedBytes.most)
          return err(appError('REQUEST_INVALID', { reason: `bytes: a whole number from 1 to ${speedBytes.most}` }))
        if (!mayUse(nodeId ?? ownerId, wanted)) return err(appError('TOO_MANY_ATTEMPTS'))
        void reply.headers({ 'content-type': 'text/plain', 'cache-control': 'no-store', 'content-encoding': 'identity' })
        return reply.send(content.slice(0, wanted))
      },
    },
    {
      method: 'POST',
      path: speedPath,
      who: 'ownerOrNode',
      streamsBody: true,
      async handle(request, _reply, session) {
        const { ownerId, nodeId } = clientSession(session)
        let bytes = 0
        for await (const chunk of request.raw as AsyncIterable<Buffer>) {
          bytes += chunk.length
          if (bytes > speedBytes.most) {
            request.raw.destroy()
            return err(appError('REQUEST_INVALID', { reason: `at most ${speedBytes.most} bytes` }))
          }
        }
        return mayUse(nodeId ?? ownerId, bytes) ? ok({ bytes }) : err(appError('TOO_MANY_ATTEMPTS'))
      },
    },
  ]
}
