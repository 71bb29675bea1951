import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { canCompress, createCompressedFiles, type StaticFile } from '#shared/http/compressedFiles.ts'
import { compressFile } from './compressFile.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
}

/**
 * Everything the page may do: its own scripts, styles (the component library sets some inline), pictures it made itself, its own
 * connection; no frame around it, no form or base elsewhere.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export const safeHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** A file of the built dashboard and what to send with it. Paths of pages (no dot in the last part) get the application itself. */
async function findStatic(root: string, pathname: string): Promise<(StaticFile & { headers: Record<string, string> }) | null> {
  const decoded = decode(pathname)
  if (decoded === null) return null
  const isPage = !decoded.slice(decoded.lastIndexOf('/')).includes('.')
  const relative = isPage ? 'index.html' : decoded.slice(1)
  const base = await realpath(root).catch(() => null)
  const path = base === null ? null : await realpath(join(base, relative)).catch(() => null)
  if (base === null || path === null || !path.startsWith(base + sep)) return null
  const found = await stat(path)
  if (!found.isFile()) return null
  // The build names files in assets/ by their content.
  const cacheControl = path.startsWith(join(base, 'assets') + sep) ? 'public, max-age=31536000, immutable' : 'no-cache'
  const type = types[extname(path).toLowerCase()] ?? 'application/octet-stream'
  const tag = `${found.size.toString(36)}-${Math.trunc(found.mtimeMs).toString(36)}`
  const vary: Record<string, string> = canCompress(path) ? { vary: 'accept-encoding' } : {}
  return { path, sizeBytes: found.size, tag, headers: { 'content-type': type, 'cache-control': cacheControl, ...vary } }
}

/** Sends the files of the built dashboard, smaller to whoever takes that. @returns false: there is no such file, nothing was sent */
export function createStaticFiles(root: string) {
  const compressed = createCompressedFiles(compressFile)
  return async function sendStatic(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<boolean> {
    const found = await findStatic(root, pathname)
    if (found === null) return false
    const small = await compressed(found, request.headers['accept-encoding'])
    const tag = `"${found.tag}${small === null ? '' : `-${small.encoding}`}"`
    const headers = {
      ...{ ...safeHeaders, ...found.headers, etag: tag },
      ...(small === null ? {} : { 'content-encoding': small.encoding }),
    }
    if (request.headers['if-none-match']?.split(',').some((known) => known.trim().replace(/^W\//, '') === tag) === true) {
      response.writeHead(304, headers).end()
      return true
    }
    response.writeHead(200, { ...headers, 'content-length': String(small?.bytes.length ?? found.sizeBytes) })
    if (request.method === 'HEAD') response.end()
    else if (small !== null) response.end(small.bytes)
    else await pipeline(createReadStream(found.path), response)
    return true
  }
}

function decode(pathname: string): string | null {
  try {
    const decoded = decodeURIComponent(pathname)
    return decoded.includes('\0') || decoded.includes('\\') || decoded.split('/').includes('..') ? null : decoded
  } catch {
    return null
  }
}
