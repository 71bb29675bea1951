import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import { kbitPerSecond, nextSpeedBytes, speedBytes, speedPath } from '#shared/api/speedTest.ts'
import { connectionSchema, type Connection } from '#shared/collections/node.schema.ts'
import { durations } from '#shared/durations.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'
import { httpRequest, whyItFailed } from '../http/httpRequest.ts'
import type { Gateway } from '../tasks/ports.ts'
import type { Transfers } from '../transfers/transfers.ts'

const fact = 'connectionSpeed'
/** Seldom: a line changes little, and each time costs some MiB at most. */
const everyMs = 24 * 3_600_000
/** Not in the moment in which everything else wants the line. */
const settleMs = 60_000
const retryMs = 3_600_000

export interface ConnectionSpeedOptions {
  gateway: Pick<Gateway, 'access' | 'isLive' | 'onLive'>
  transfers: Pick<Transfers, 'hold' | 'take'>
  /** null: this computer cannot tell. */
  metered: () => Promise<boolean | null>
  /** Files are on their way: what is measured then says nothing. */
  busy: () => boolean
  local: Pick<LocalDatabase, 'readFact' | 'writeFact'>
  clock: Clock
  serverNow: () => number
  log: Logger
}

/** The speed of the line to the gateway: measured once a day, with 64 KiB to 1 MiB each way, never on a metered line. */
export interface ConnectionSpeed {
  current(): Connection | null
  onChange(listener: () => void): () => void
  stop(): void
}

export function startConnectionSpeed(options: ConnectionSpeedOptions): ConnectionSpeed {
  const { gateway, transfers, local, clock, serverNow, log } = options
  const listeners = new Set<() => void>()
  const stopped = new AbortController()
  let current = readKnown(local.readFact(fact))
  let cancel = () => undefined as void

  const measure = async (): Promise<number> => {
    if (options.busy() || transfers.hold() !== null) return settleMs
    if ((await options.metered()) === true) return retryMs
    const access = await gateway.access()
    if (!access.ok) return retryMs
    const url = new URL(speedPath, access.value.serverUrl)
    const line = {
      url,
      token: access.value.token,
      transfers,
      clock,
      signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(durations.requestTimeoutMs)]),
    }
    const down = await growing((bytes) => fetchBytes(bytes, line))
    const up = await growing((bytes) => sendBytes(bytes, line))
    current = { downKbps: down, upKbps: up, at: Math.round(serverNow()) }
    local.writeFact(fact, JSON.stringify(current))
    log.info('the line to the server was measured', { downKbps: down, upKbps: up })
    listeners.forEach((listener) => listener())
    return everyMs
  }
  const later = (delayMs: number) => {
    cancel()
    if (stopped.signal.aborted || !gateway.isLive()) return
    cancel = clock.after(delayMs, () => {
      measure()
        .catch((error: unknown) => {
          // An older server has no such address; a line that broke is measured another time.
          log.debug('the line could not be measured', { reason: whyItFailed(error) })
          return retryMs
        })
        .then(later, () => undefined)
    })
  }
  const begin = () => later(Math.max(settleMs, (current?.at ?? -Infinity) + everyMs - serverNow()))
  const off = gateway.onLive((live) => (live ? begin() : cancel()))
  begin()
  return {
    current: () => current,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop() {
      stopped.abort()
      cancel()
      off()
    },
  }
}

interface Line {
  url: URL
  token: string
  transfers: Pick<Transfers, 'take'>
  clock: Pick<Clock, 'monotonicMs'>
  signal: AbortSignal
}

/** Tries with more until it takes long enough to say something. Kilobits a second. */
async function growing(attempt: (bytes: number) => Promise<number>): Promise<number> {
  let bytes: number = speedBytes.least
  for (;;) {
    const tookMs = await attempt(bytes)
    const next = nextSpeedBytes(bytes, tookMs)
    if (next === null) return kbitPerSecond(bytes, tookMs)
    bytes = next
  }
}

async function fetchBytes(bytes: number, { url, token, transfers, clock, signal }: Line): Promise<number> {
  const asked = new URL(url)
  asked.searchParams.set('bytes', String(bytes))
  await transfers.take('down', bytes, signal)
  const response = await httpRequest(asked, { headers: { authorization: `Bearer ${token}` }, signal })
  if (response.statusCode !== 200) {
    response.destroy()
    throw new Error(`HTTP ${response.statusCode ?? 0}`)
  }
  // From the first byte: how long the server thought is not the line's.
  const begunMs = clock.monotonicMs()
  let received = 0
  for await (const chunk of response as AsyncIterable<Buffer>) received += chunk.length
  if (received !== bytes) throw new Error('the connection ended early')
  return clock.monotonicMs() - begunMs
}

async function sendBytes(bytes: number, { url, token, transfers, clock, signal }: Line): Promise<number> {
  await transfers.take('up', bytes, signal)
  const request = url.protocol === 'https:' ? requestSecure : requestPlain
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream', 'content-length': bytes }
  const begunMs = clock.monotonicMs()
  await new Promise<void>((resolve, reject) => {
    request(url, { method: 'POST', headers, signal }, (response) => {
      response.resume()
      response.once('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`HTTP ${response.statusCode ?? 0}`))))
    })
      .on('error', reject)
      .end(Buffer.alloc(bytes, 'x'))
  })
  return clock.monotonicMs() - begunMs
}

function readKnown(text: string | null): Connection | null {
  const parsed = text === null ? null : connectionSchema.safeParse(JSON.parse(text))
  return parsed?.success === true ? parsed.data : null
}
