import { readFile } from 'node:fs/promises'
import { protocol } from 'electron'
import { isOwnAddress, appScheme } from './appOrigin.ts'
import { containedFile } from './containedFile.ts'
import { contentTypeOf } from './contentTypes.ts'

/** As the node's local page sends it; here `'self'` is the app's own origin. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const headers = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
}

/** Before the app is ready: the scheme gets an origin, is secure, its pages may fetch, and Chromium keeps their scripts compiled. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true } },
  ])
}

/**
 * Serves the built dashboard under the app's scheme, and hands `/api/…` to the node's local page.
 * @param forward rejects when the node cannot be reached
 */
export function serveApp(rendererFolder: string, forward: (path: string, request: Request) => Promise<Response>): void {
  protocol.handle(appScheme, async (request) => {
    if (!isOwnAddress(request.url)) return refuse(403)
    const { pathname, search } = new URL(request.url)
    if (pathname.startsWith('/api/')) return forward(`${pathname}${search}`, request).catch(() => refuse(502))
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405)
    const path = containedFile(rendererFolder, pathname)
    if (path === null) return refuse(404)
    try {
      return new Response(await readFile(path), { headers: { ...headers, 'content-type': contentTypeOf(path) } })
    } catch {
      return refuse(404)
    }
  })
}

const refuse = (status: number) => new Response(null, { status, headers })
