import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import { tokenIn } from '../console/secrets.ts'
import { typedPath } from '../context.ts'
import type { WorkerOptions } from './worker.command.ts'

/** Where the node's page listens and who may use it, for the runtime's process. Throws REQUEST_INVALID. */
export function pageOptions(options: WorkerOptions, secrets: Readonly<Record<string, string>>): JsonObject {
  const { uiHost, uiUrl, uiTlsCert, uiTlsKey, uiBehindProxy } = options
  if ((uiTlsCert === undefined) !== (uiTlsKey === undefined)) throw misuse('--ui-tls-cert and --ui-tls-key go together')
  return {
    pageListen: {
      ...{ host: uiHost, behindProxy: uiBehindProxy === true, publicUrl: uiUrl ?? null },
      tls: uiTlsCert === undefined || uiTlsKey === undefined ? null : { certPath: typedPath(uiTlsCert), keyPath: typedPath(uiTlsKey) },
    },
    pageToken: tokenIn(secrets, 'PICTOR_UI_TOKEN'),
    metricsToken: tokenIn(secrets, 'PICTOR_METRICS_TOKEN'),
  }
}

const misuse = (reason: string) => new AppErrorException(appError('REQUEST_INVALID', { reason }))
