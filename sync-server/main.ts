import { z } from 'zod'
import { storeMovedAsk, storeMovedSchema, storeTargetSchema } from '#shared/api/storeProcess.ts'
import { AppErrorException, appError } from '#shared/errors/appError.ts'
import { longTimer } from '#shared/longTimer.ts'
import type { Clock } from '#shared/log.ts'
import { serveParent } from '#shared/processes/childProcess.ts'
import { createParentPort } from '#shared/processes/parentPort.ts'
import { err, ok } from '#shared/result.ts'
import type { StartStore } from './embedded/startStore.ts'
import { startGateway, type RunningGateway } from './entry.ts'
import { filesOptionSchema } from './files/fileTarget.ts'
import { createProcessLog } from './processLog.ts'
import { firstIssue } from './store/firstIssue.ts'

/** The gateway's process: told by its parent what to run with, ends when told, by a signal, or when its parent is gone. */
const optionsSchema = z.looseObject({
  dataFolder: z.string(),
  host: z.string().default('127.0.0.1'),
  port: z.number().int().default(0),
  couchUrl: z.string().nullish(),
  couchPrefix: z.string().nullish(),
  files: filesOptionSchema.nullish(),
  tls: z.object({ certPath: z.string(), keyPath: z.string() }).nullish(),
  behindProxy: z.boolean().default(false),
  publicUrl: z.string().nullish(),
  metricsToken: z.string().min(16).max(500).nullish(),
  dashboardFolder: z.string(),
  /** The embedded store that the parent started; absent with a CouchDB. */
  store: storeTargetSchema.nullish(),
  logLevel: z.string().default('info'),
})

const clock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: longTimer((delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  }),
}

serveParent(
  createParentPort(process),
  async (given, tellStarting) => {
    const options = optionsSchema.safeParse(given)
    if (!options.success) throw new AppErrorException(appError('REQUEST_INVALID', { reason: firstIssue(options.error) }))
    const { logLevel, couchUrl, couchPrefix, files, tls, publicUrl, metricsToken, store, ...rest } = options.data
    const target = { current: store ?? null }
    // Our parent watches it, and says where it is after a restart.
    const startStore: StartStore = async () => ({ target: () => target.current, stop: async () => undefined })
    let running: RunningGateway | null = null
    const started = await startGateway({
      ...{ ...rest, couchUrl: couchUrl ?? null, couchPrefix: couchPrefix ?? process.env['PICTOR_COUCH_PREFIX'] ?? null },
      ...{
        files: files ?? null,
        tls: tls ?? null,
        publicUrl: publicUrl ?? null,
        metricsToken: metricsToken ?? null,
        onBuilding: tellStarting,
        // In order, if it can: our parent starts us again.
        onIndexDamaged: () => void (running?.stop() ?? Promise.resolve()).finally(() => process.exit(1)),
        log: createProcessLog(logLevel),
        clock,
        startStore,
      },
    })
    if (!started.ok) throw new AppErrorException(started.error)
    running = started.value
    const { url, port, serverId, operatorTokenPath, stop } = running
    return {
      value: { url, port, serverId, operatorTokenPath },
      async answer(name, input) {
        const moved = storeMovedSchema.safeParse(input)
        if (name !== storeMovedAsk || !moved.success) return err(appError('REQUEST_INVALID', { reason: name }))
        target.current = moved.data.target
        return ok(null)
      },
      stop,
    }
  },
  (code) => process.exit(code),
)
