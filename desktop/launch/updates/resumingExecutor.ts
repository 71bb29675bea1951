import { createWriteStream, type WriteStream } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HttpExecutor, configureRequestOptions, configureRequestUrl, newError, type DownloadOptions } from 'builder-util-runtime'
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { fileSha512 } from './fileHash.ts'
import { moveFile } from './moveFile.ts'

/** Makes one request: Node's `http(s).request`, or Electron's `net.request` (which knows the system's proxies). */
export type MakeRequest = (options: RequestOptions, onResponse: (response: IncomingMessage) => void) => ClientRequest

export interface ResumingOptions {
  /** Where unfinished downloads lie, one file per SHA-512. */
  partialFolder: string
  makeRequest: MakeRequest
  /** Called between two attempts at the same download; rejects to give up. Milliseconds of waiting are its business. */
  pause: (attempt: number) => Promise<void>
}

const attempts = 6
const noResponseMs = 60_000

/**
 * electron-updater's way to the net, with downloads that go on where they were cut, also after a restart of the app: electron-updater itself
 * begins a whole file anew. A file that does not have the announced hash is thrown away, so that a wrong beginning is never gone on with.
 */
export class ResumingExecutor extends HttpExecutor<ClientRequest> {
  readonly #options: ResumingOptions

  constructor(options: ResumingOptions) {
    super()
    this.#options = options
  }

  createRequest(options: RequestOptions, callback: (response: IncomingMessage) => void): ClientRequest {
    return this.#options.makeRequest(options, callback)
  }

  /** Rejects with ERR_CHECKSUM_MISMATCH when the whole file is not the announced one. */
  async download(url: URL, destination: string, options: DownloadOptions): Promise<string> {
    const { sha512, cancellationToken } = options
    if (typeof sha512 !== 'string') throw newError('the feed names no SHA-512', 'ERR_UPDATER_NO_CHECKSUM')
    await mkdir(this.#options.partialFolder, { recursive: true })
    const part = join(this.#options.partialFolder, `${Buffer.from(sha512, 'base64').toString('hex').slice(0, 64)}.part`)
    for (let attempt = 1; ; attempt += 1) {
      try {
        await cancellationToken.createPromise<void>((resolve, reject, onCancel) => {
          void this.#rest(url, part, options, onCancel).then(resolve, reject)
        })
        break
      } catch (error) {
        if (cancellationToken.cancelled || attempt === attempts) throw error
        await this.#options.pause(attempt)
      }
    }
    if ((await fileSha512(part)) !== sha512) {
      await rm(part, { force: true })
      throw newError('sha512 checksum mismatch', 'ERR_CHECKSUM_MISMATCH')
    }
    await moveFile(part, destination)
    return destination
  }

  /** Loads what is missing of the file behind what is there. */
  async #rest(url: URL, part: string, { headers, onProgress }: DownloadOptions, onCancel: (abort: () => void) => void): Promise<void> {
    const have = await stat(part).then(
      ({ size }) => size,
      () => 0,
    )
    const request: RequestOptions = { headers: { ...headers, ...(have > 0 ? { range: `bytes=${have}-` } : {}) } }
    configureRequestUrl(url, request)
    configureRequestOptions(request)
    const response = await this.#respond(request, onCancel)
    const status = response.statusCode ?? 0
    // Everything is there already, or the file on the server has become shorter: the hash tells.
    if (status === 416) return void response.resume()
    if (status !== 200 && status !== 206) {
      response.resume()
      throw newError(`the server answers ${status} for ${url.pathname}`, 'ERR_UPDATER_HTTP')
    }
    // A server that does not know ranges sends the whole file: begin anew.
    const from = status === 206 ? rangeStart(response) : 0
    if (from !== 0 && from !== have) throw newError(`the server sent from byte ${from} instead of ${have}`, 'ERR_UPDATER_HTTP')
    const total = from + Number(response.headers['content-length'] ?? Number.NaN)
    const startedAt = performance.now()
    let transferred = from
    response.on('data', ({ length }: Buffer) => {
      transferred += length
      const seconds = Math.max(0.001, (performance.now() - startedAt) / 1_000)
      onProgress?.({
        ...{ total, transferred, delta: length, percent: (transferred / total) * 100 },
        bytesPerSecond: Math.round((transferred - from) / seconds),
      })
    })
    await keep(response, createWriteStream(part, { flags: from > 0 ? 'a' : 'w' }))
  }

  #respond(options: RequestOptions, onCancel: (abort: () => void) => void): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = this.createRequest(options, resolve)
      this.addErrorAndTimeoutHandlers(request, reject, noResponseMs)
      onCancel(() => request.destroy())
      request.end()
    })
  }
}

/** Writes what arrives; of an answer that breaks off, everything that came is kept (`pipeline` would throw away what it has not written yet). */
function keep(response: IncomingMessage, out: WriteStream): Promise<void> {
  return new Promise((resolve, reject) => {
    const brokenOff = (error?: Error) => out.end(() => reject(error ?? new Error('the answer broke off')))
    response.on('data', (chunk: Buffer) => {
      if (!out.write(chunk)) response.pause()
    })
    out.on('drain', () => response.resume())
    out.on('error', (error) => {
      response.destroy()
      reject(error)
    })
    response.on('end', () => out.end(resolve))
    response.on('error', brokenOff)
    response.on('aborted', () => brokenOff())
  })
}

const rangeStart = ({ headers }: IncomingMessage): number => Number(/^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1] ?? Number.NaN)
