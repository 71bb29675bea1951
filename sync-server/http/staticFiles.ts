import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { appError } from '#shared/errors/appError.ts'
import { canCompress, createCompressedFiles } from '#shared/http/compressedFiles.ts'
import { err } from '#shared/result.ts'
import { compressFile } from './compressFile.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.map': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
}

/** The built dashboard: its files, and its page for every address that is a view of it. Files with a hash in their name may be kept for ever. */
export function createStaticFiles(folder: string) {
  const compressed = createCompressedFiles(compressFile)
  return async function serveStatic(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const path = isRead ? pathOf(request.url) : null
    if (path === null || /^\/(api|sync|files)(\/|$)/.test(path)) return notFound(reply)
    const found = (await fileAt(folder, path)) ?? (extname(path) === '' ? await fileAt(folder, '/index.html') : null)
    if (found === null) return notFound(reply)
    const immutable = path.startsWith('/assets/')
    const small = await compressed(found, request.headers['accept-encoding'])
    const tag = `"${found.tag}${small === null ? '' : `-${small.encoding}`}"`
    void reply.headers({
      'content-type': types[extname(found.path)] ?? 'application/octet-stream',
      'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag: tag,
      ...(canCompress(found.path) ? { vary: 'accept-encoding' } : {}),
      ...(small === null ? {} : { 'content-encoding': small.encoding }),
    })
    if (request.headers['if-none-match']?.split(',').some((known) => known.trim().replace(/^W\//, '') === tag) === true)
      return reply.code(304).send()
    void reply.header('content-length', String(small?.bytes.length ?? found.sizeBytes))
    if (request.method === 'HEAD') return reply.send()
    return reply.send(small?.bytes ?? createReadStream(found.path))
  }
}

function notFound(reply: FastifyReply): FastifyReply {
  return reply
    .code(404)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(err(appError('NOT_FOUND'))))
}

/** null for what cannot be a path of ours. */
function pathOf(url: string): string | null {
  try {
    const path = decodeURIComponent(url.split('?', 1)[0] ?? '')
    return path.includes('\0') || path.includes('\\') ? null : path
  } catch {
    return null
  }
}

async function fileAt(folder: string, path: string): Promise<{ path: string; sizeBytes: number; tag: string } | null> {
  const root = normalize(folder).replace(/[/\\]+$/, '') + sep
  const wanted = normalize(join(root, path))
  if (!wanted.startsWith(root)) return null
  const facts = await stat(wanted).catch(() => null)
  if (facts?.isFile() !== true) return null
  return { path: wanted, sizeBytes: facts.size, tag: `${facts.size.toString(36)}-${Math.trunc(facts.mtimeMs).toString(36)}` }
}
