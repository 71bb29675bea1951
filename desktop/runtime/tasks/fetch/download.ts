import { createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import type { FileRef } from '#shared/collections/common.ts'
import { appError, AppErrorException, type AppError } from '#shared/errors/appError.ts'
import { durations } from '#shared/durations.ts'
import { err, type Result } from '#shared/result.ts'
import { httpRequest, whyItFailed } from '../../http/httpRequest.ts'
import type { Gateway } from '../ports.ts'
import { isDiskFull } from '../../storage/syncedFiles.ts'
import type { Transfers } from '../../transfers/transfers.ts'
import type { FileCache } from './fileCache.ts'

export interface DownloadOptions {
  cache: FileCache
  gateway: Pick<Gateway, 'access'>
  signal: AbortSignal
  /** Where files travel only when and as fast as the owner allows. */
  transfers?: Pick<Transfers, 'take' | 'signal'>
}

/**
 * Brings one file into the cache, going on where an earlier try ended. Answers with its path, or with DOWNLOAD_FAILED,
 * FILE_NOT_FOUND, FILE_ELSEWHERE (another gateway has it), FILE_HASH_MISMATCH, DISK_FULL, CANCELLED or what `access` says. The hash decides, not the server.
 * Tasks of one job want the same file at the same time: the second waits for the first and then finds it.
 */
export async function download(ref: FileRef, options: DownloadOptions): Promise<Result<string>> {
  const turns = turnsOf.get(options.cache) ?? new Map<string, Promise<unknown>>()
  turnsOf.set(options.cache, turns)
  const before = turns.get(ref.sha256) ?? Promise.resolve()
  const begin = () => bring(ref, options)
  const mine = before.then(begin, begin)
  turns.set(ref.sha256, mine)
  try {
    return await mine
  } finally {
    if (turns.get(ref.sha256) === mine) turns.delete(ref.sha256)
  }
}

/** Per cache and file: the last download that was begun. */
const turnsOf = new WeakMap<FileCache, Map<string, Promise<unknown>>>()

async function bring(ref: FileRef, options: DownloadOptions): Promise<Result<string>> {
  const { cache, gateway, transfers } = options
  const signal = transfers === undefined ? options.signal : AbortSignal.any([options.signal, transfers.signal()])
  if (signal.aborted) return err(appError('CANCELLED'))
  if (await cache.has(ref)) return { ok: true, value: cache.pathOf(ref.sha256) }
  const part = cache.partPathOf(ref.sha256)
  try {
    const begun = (await stat(part).catch(() => null))?.size ?? 0
    if (begun > ref.sizeBytes) await rm(part, { force: true })
    if (begun !== ref.sizeBytes || ref.sizeBytes === 0) {
      const fetched = await fetchPart(ref, begun > ref.sizeBytes ? 0 : begun, part, { gateway, signal, transfers })
      if (fetched !== null) return err(fetched)
    }
    return await cache.adopt(ref)
  } catch (error) {
    if (signal.aborted) return err(appError('CANCELLED'))
    if (isDiskFull(error)) return err(appError('DISK_FULL', { what: ref.name }))
    if (error instanceof AppErrorException) {
      await rm(part, { force: true })
      return err(error.error)
    }
    return err(failed(ref, whyItFailed(error)))
  }
}

async function fetchPart(
  ref: FileRef,
  from: number,
  part: string,
  { gateway, signal, transfers }: Pick<DownloadOptions, 'gateway' | 'signal'> & { transfers: DownloadOptions['transfers'] },
): Promise<AppError | null> {
  const access = await gateway.access()
  if (!access.ok) return access.error
  const stalled = new AbortController()
  const guard = stallGuard(() => stalled.abort(new Error('nothing came for a while')))
  const ended = AbortSignal.any([signal, stalled.signal])
  try {
    const response = await httpRequest(new URL(`/files/${ref.sha256}`, access.value.serverUrl), {
      headers: { authorization: `Bearer ${access.value.token}`, ...(from > 0 ? { range: `bytes=${from}-` } : {}) },
      signal: ended,
    })
    const status = response.statusCode ?? 0
    if (status !== 200 && status !== 206) {
      const answer = status === 409 ? await textOf(response) : ''
      response.destroy()
      const holder = holderIn(answer)
      if (holder !== null) return appError('FILE_ELSEWHERE', { sha256: ref.sha256, holder })
      return status === 404 || status === 403 ? appError('FILE_NOT_FOUND', { sha256: ref.sha256 }) : failed(ref, `HTTP ${status}`)
    }
    // A server that does not do ranges sends everything again.
    const append = from > 0 && status === 206
    const into = createWriteStream(part, { flags: append ? 'a' : 'w' })
    const pace = async (bytes: number) => {
      // Waiting for our own cap is no stall.
      guard.rest()
      await transfers?.take('down', bytes, signal)
      guard.touch()
    }
    await pipeline(response, limited(ref, append ? from : 0, pace), into, { signal: ended })
    return null
  } finally {
    guard.end()
  }
}

/** Never writes more than the file is said to have, whatever the server sends. */
function limited(ref: FileRef, from: number, pace: (bytes: number) => Promise<void>) {
  return async function* (source: AsyncIterable<Uint8Array>) {
    let size = from
    for await (const chunk of source) {
      size += chunk.length
      if (size > ref.sizeBytes) throw new AppErrorException(appError('FILE_HASH_MISMATCH', { name: ref.name }))
      await pace(chunk.length)
      yield chunk
    }
    if (size < ref.sizeBytes) throw new Error('the connection ended early')
  }
}

const answerBytes = 4_096

async function textOf(response: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of response) {
    pieces.push(piece)
    if ((size += piece.length) > answerBytes) break
  }
  return Buffer.concat(pieces).toString('utf8')
}

const elsewhereSchema = z.object({ error: z.object({ code: z.literal('FILE_ELSEWHERE'), details: z.object({ holder: z.string() }) }) })

/** Which gateway has the file, if that is what was answered. */
function holderIn(text: string): string | null {
  if (text === '') return null
  try {
    return elsewhereSchema.safeParse(JSON.parse(text)).data?.error.details.holder ?? null
  } catch {
    return null
  }
}

function stallGuard(onStall: () => void) {
  let timer = setTimeout(onStall, durations.requestTimeoutMs)
  const rest = () => clearTimeout(timer)
  const touch = () => {
    rest()
    timer = setTimeout(onStall, durations.requestTimeoutMs)
  }
  return { touch, rest, end: rest }
}

const failed = (ref: FileRef, reason: string) => appError('DOWNLOAD_FAILED', { name: ref.name, reason })
