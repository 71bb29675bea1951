import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { appError, AppErrorException } from '#shared/errors/appError.ts'

/**
 * A backup is a folder: `manifest.json`, one NDJSON file per database in `databases/` (a document a line, without CouchDB's own fields), and copies
 * of the data folder's files in `files/`. Each with its size and SHA-256 in the manifest. No revisions, no epoch: a restored server is a new one.
 */
const manifestSchema = z.looseObject({
  format: z.literal('pictor-server-backup'),
  formatVersion: z.literal(1),
  createdAt: z.number(),
  databases: z.array(
    z.looseObject({
      ownerId: z.string().nullable(),
      collection: z.string(),
      file: z.string(),
      documents: z.number().int(),
      sha256: z.string(),
    }),
  ),
  files: z.array(z.looseObject({ path: z.string(), sizeBytes: z.number().int(), sha256: z.string() })),
})
export type Manifest = z.infer<typeof manifestSchema>

/** What of the data folder belongs to the truth. The projection, thumbnails and half uploads do not. */
export const keptFolders = ['files', 'series'] as const

export const invalidBackup = (path: string, reason: string) => new AppErrorException(appError('BACKUP_INVALID', { path, reason }))

/** Reads the manifest and checks every file against it. Rejects with BACKUP_INVALID. */
export async function readBackup(folder: string): Promise<Manifest> {
  let text: string
  try {
    text = await readFile(join(folder, 'manifest.json'), 'utf8')
  } catch {
    throw invalidBackup(folder, 'it has no manifest')
  }
  const parsed = manifestSchema.safeParse(parseJson(text))
  if (!parsed.success) throw invalidBackup(folder, 'its manifest cannot be read')
  for (const { file, sha256 } of parsed.data.databases) await checkFile(folder, join('databases', file), sha256)
  for (const { path, sha256 } of parsed.data.files) await checkFile(folder, join('files', path), sha256)
  return parsed.data
}

async function checkFile(folder: string, path: string, sha256: string): Promise<void> {
  if (path.split(/[/\\]/).includes('..')) throw invalidBackup(folder, `${path} leads out of it`)
  const actual = await sha256Of(join(folder, path)).catch(() => null)
  if (actual !== sha256) throw invalidBackup(folder, actual === null ? `${path} is missing` : `${path} was changed`)
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
