import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import envPaths from 'env-paths'
import { z } from 'zod'
import { readPrivateJson, writePrivateJson } from '../../launch/privateFile.ts'

/** Sessions with servers elsewhere, by address; a file that only this user may read. Made by `pictor sign-in`. */
const sessionsSchema = z.record(
  z.string(),
  z.object({ ownerId: z.string(), ownerName: z.string(), token: z.string(), expiresAtMs: z.number() }),
)
export type SavedSession = z.infer<typeof sessionsSchema>[string]

function path(): string {
  const folder = process.env['PICTOR_CONFIG'] ?? envPaths('pictor-worker', { suffix: '' }).config
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return join(folder, 'sessions.json')
}

export const savedSession = (serverUrl: string): SavedSession | null => readPrivateJson(path(), sessionsSchema)?.[serverUrl] ?? null

export function saveSession(serverUrl: string, session: SavedSession): void {
  writePrivateJson(path(), { ...readPrivateJson(path(), sessionsSchema), [serverUrl]: session })
}
