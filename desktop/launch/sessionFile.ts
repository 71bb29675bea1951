import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import type { ControlServer } from './controlServer.ts'

/**
 * Where a helper in a person's session finds the service. Everybody at this computer may read it: it carries the right to report idle time and full screen of
 * a session, and nothing else. The worst that can be done with it is to make the worker rest, or to say of oneself that one is away.
 */
const sessionFileSchema = z.object({ url: z.url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ }), token: z.string().min(20) })
export type SessionDoor = z.infer<typeof sessionFileSchema>

export function writeSessionFile(path: string, { url, sessionToken }: Pick<ControlServer, 'url' | 'sessionToken'>): void {
  writeFileSync(`${path}.new`, `${JSON.stringify({ url, token: sessionToken } satisfies SessionDoor)}\n`, { mode: 0o644 })
  renameSync(`${path}.new`, path)
}

/** The service is gone; its helpers wait. */
export const removeSessionFile = (path: string): void => rmSync(path, { force: true })

/** null while no service runs, or when what stands there is none of ours (then nothing is sent anywhere). */
export function readSessionFile(path: string): SessionDoor | null {
  try {
    return sessionFileSchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data ?? null
  } catch {
    // Not there yet, or being written.
    return null
  }
}
