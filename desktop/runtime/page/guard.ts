import type { IncomingMessage } from 'node:http'

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]'])
/** Cookies do not know ports: under the gateway's name, signing in here would sign out of a gateway on the same computer. */
const sessionCookie = 'pictor_page'

/**
 * Is the request meant for this page, and does it come from it? A page of somewhere else that had its name pointed at this computer (DNS
 * rebinding) sends its own Host; a page of somewhere else that sends requests here has its own Origin.
 * @param extraHosts `host:port` names under which the owner made the page reachable
 */
export function isOwnRequest(request: Pick<IncomingMessage, 'headers' | 'method'>, port: number, extraHosts: readonly string[]): boolean {
  const host = request.headers.host
  if (host === undefined || !isOwnHost(host, port, extraHosts)) return false
  const { origin } = request.headers
  if (origin !== undefined) return isOwnOrigin(origin, host)
  // Browsers say where a request comes from, if not by its origin.
  const site = request.headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return true
  return request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate'
}

/** A WebSocket from a browser always carries its origin; other programs carry none and need the cookie all the same. */
export function isOwnHost(host: string, port: number, extraHosts: readonly string[]): boolean {
  if (extraHosts.includes(host)) return true
  const parts = /^(\[[0-9a-f:]+\]|[^:]+)(?::(\d+))?$/.exec(host.toLowerCase())
  if (parts === null) return false
  const [, name = '', given = '80'] = parts
  return loopback.has(name) && Number(given) === port
}

function isOwnOrigin(origin: string, host: string): boolean {
  try {
    const url = new URL(origin)
    return (url.protocol === 'http:' || url.protocol === 'https:') && url.host === new URL(`${url.protocol}//${host}`).host
  } catch {
    return false
  }
}

export function cookieOf(request: Pick<IncomingMessage, 'headers'>): string | null {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2)
    if (name === sessionCookie && value !== undefined) return value
  }
  return null
}

/** Strict: the cookie never comes along with what another page starts. Not `Secure` where the local page is plain http on loopback. */
export const setCookie = (token: string, maxAgeSeconds: number, encrypted = false): string =>
  `${sessionCookie}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${encrypted ? '; Secure' : ''}`
