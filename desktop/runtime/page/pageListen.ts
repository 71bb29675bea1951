import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { appError, AppErrorException, toAppError } from '#shared/errors/appError.ts'

/** Where the local page listens. Beyond this computer it needs TLS of its own, or a proxy that has it. */
export const pageListenSchema = z.object({
  host: z.string().min(1).max(255).default('127.0.0.1'),
  tls: z.object({ certPath: z.string(), keyPath: z.string() }).nullable().default(null),
  behindProxy: z.boolean().default(false),
  /** The address people reach it at: browsers send its name, and no other is answered. */
  publicUrl: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null),
})
export type PageListen = z.infer<typeof pageListenSchema>

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host)

/** Throws TLS_REQUIRED, and REQUEST_INVALID when nobody beyond this computer could be answered. */
export function addressesOf({ host, tls, behindProxy, publicUrl }: PageListen) {
  const onLoopbackOnly = isLoopback(host) && !behindProxy
  if (!isLoopback(host) && tls === null && !behindProxy) throw new AppErrorException(appError('TLS_REQUIRED'))
  if (!onLoopbackOnly && publicUrl === null)
    throw new AppErrorException(
      appError('REQUEST_INVALID', { reason: 'beyond this computer the page needs --ui-url, the address it is reached at' }),
    )
  return { onLoopbackOnly, encrypted: tls !== null || behindProxy, extraHosts: publicUrl === null ? [] : [new URL(publicUrl).host] }
}

/** Throws CONFIG_MALFORMED {path, reason}. */
export function readTls({ certPath, keyPath }: { certPath: string; keyPath: string }): { cert: Buffer; key: Buffer } {
  try {
    return { cert: readFileSync(certPath), key: readFileSync(keyPath) }
  } catch (thrown) {
    throw new AppErrorException(appError('CONFIG_MALFORMED', { path: certPath, reason: toAppError(thrown).message }), { cause: thrown })
  }
}
