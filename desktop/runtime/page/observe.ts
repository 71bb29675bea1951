import { timingSafeEqual, createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { appError } from '#shared/errors/appError.ts'
import { sendError, sendJson } from './responses.ts'
import { safeHeaders } from './staticFiles.ts'

/** For whoever starts and watches processes. Says nothing about whose node it is. */
export interface NodeHealth {
  /** It can be given work: its programs fit, and the line to the server stands (or it works for itself). */
  ready: boolean
  status: string
  code: string
  /** The state of the line. */
  line: string
  version: string
}

export interface ObserveOptions {
  health: () => Promise<NodeHealth>
  /** The text that Prometheus reads. */
  metrics: () => Promise<{ contentType: string; text: string }>
  /** Who may read the metrics; null: whoever reaches a page that is on loopback only. */
  metricsToken: string | null
  onLoopbackOnly: boolean
}

/**
 * `/health/live` (the process answers), `/health` and `/health/ready` (503 while it is not ready), `/metrics`.
 * @returns false when the address is none of these
 */
export async function answerObserver(
  request: IncomingMessage,
  response: ServerResponse,
  pathname: string,
  { health, metrics, metricsToken, onLoopbackOnly }: ObserveOptions,
): Promise<boolean> {
  if (request.method !== 'GET') return false
  switch (pathname) {
    case '/health/live':
      sendJson(response, 200, { live: true })
      return true
    case '/health':
    case '/health/ready': {
      const found = await health()
      sendJson(response, found.ready ? 200 : 503, { live: true, ...found })
      return true
    }
    case '/metrics': {
      const given = /^Bearer (\S{1,500})$/.exec(request.headers.authorization ?? '')?.[1] ?? null
      const allowed = metricsToken === null ? onLoopbackOnly : given !== null && isSameSecret(given, metricsToken)
      if (!allowed) {
        sendError(response, appError('NOT_SIGNED_IN'))
        return true
      }
      const { contentType, text } = await metrics()
      response.writeHead(200, { ...safeHeaders, 'content-type': contentType, 'cache-control': 'no-store' })
      response.end(text)
      return true
    }
    default:
      return false
  }
}

/** Compares without telling by its time how much of it was right. */
export function isSameSecret(given: string, secret: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(secret))
}
