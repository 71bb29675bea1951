import { z } from 'zod'
import { AppErrorException, appError } from '#shared/errors/appError.ts'
import type { Clock } from '#shared/log.ts'
import { serveParent, type ParentPort, type ToChild } from '#shared/processes/childProcess.ts'
import { startGateway } from './entry.ts'
import { createProcessLog } from './processLog.ts'
import { firstIssue } from './store/firstIssue.ts'

/** The gateway's process: told by its parent what to run with, ends when told, by a signal, or when its parent is gone. */
const optionsSchema = z.looseObject({
  dataFolder: z.string(),
  host: z.string().default('127.0.0.1'),
  port: z.number().int().default(0),
  couchUrl: z.string().nullish(),
  couchPrefix: z.string().nullish(),
  tls: z.object({ certPath: z.string(), keyPath: z.string() }).nullish(),
  behindProxy: z.boolean().default(false),
  publicUrl: z.string().nullish(),
  metricsToken: z.string().min(16).max(500).nullish(),
  dashboardFolder: z.string(),
  storeEntryPath: z.string(),
  logLevel: z.string().default('info'),
})

const clock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}

/** What Electron gives a utilityProcess instead of fork's channel (https://www.electronjs.org/docs/latest/api/parent-port). */
const electronPort = (
  process as {
    parentPort?: { on(event: 'message', handler: (event: { data: unknown }) => void): void; postMessage(message: unknown): void }
  }
).parentPort

const parentPort: ParentPort = {
  send: (message) => (electronPort === undefined ? void process.send?.(message) : electronPort.postMessage(message)),
  onMessage(handler) {
    // Safe: only our own launcher holds the other end.
    if (electronPort !== undefined) electronPort.on('message', ({ data }) => handler(data as ToChild, []))
    else process.on('message', (message) => handler(message as ToChild, []))
  },
  onClosed(handler) {
    process.on('disconnect', handler)
    process.on('SIGTERM', handler)
    process.on('SIGINT', handler)
  },
}

serveParent(
  parentPort,
  async (given) => {
    const options = optionsSchema.safeParse(given)
    if (!options.success) throw new AppErrorException(appError('REQUEST_INVALID', { reason: firstIssue(options.error) }))
    const { logLevel, couchUrl, couchPrefix, tls, publicUrl, metricsToken, ...rest } = options.data
    const started = await startGateway({
      ...{ ...rest, couchUrl: couchUrl ?? null, couchPrefix: couchPrefix ?? process.env['PICTOR_COUCH_PREFIX'] ?? null },
      ...{ tls: tls ?? null, publicUrl: publicUrl ?? null, metricsToken: metricsToken ?? null, log: createProcessLog(logLevel), clock },
    })
    if (!started.ok) throw new AppErrorException(started.error)
    const { url, port, serverId, operatorTokenPath, stop } = started.value
    return { value: { url, port, serverId, operatorTokenPath }, stop }
  },
  (code) => process.exit(code),
)
