import { createReadStream } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { isCollectionName } from '#shared/collections/collections.ts'
import { durations } from '#shared/durations.ts'
import type { Clock } from '#shared/log.ts'
import { createBulkWriter, type BulkRow } from '../store/bulkWriter.ts'
import { privateDatabases, type DatabaseKey } from '../store/databaseNames.ts'
import { readDocuments } from '../store/couchDocuments.ts'
import { renewStoreMark } from '../store/storeMark.ts'
import { invalidBackup, readBackup, sha256Of, type Manifest } from './backupFormat.ts'
import type { BackupParts, BackupReport } from './backupStore.ts'

export type RestoreParts = BackupParts & { clock: Clock }

const batchRows = 500

/**
 * Brings a backup into a server that holds nothing. Interrupted, the same restore may be run again. Afterwards the server has a new epoch:
 * clients push again what they own and is newer. Rejects with BACKUP_INVALID.
 */
export async function restoreStore(parts: RestoreParts, folder: string): Promise<BackupReport> {
  const manifest = await readBackup(folder)
  const marker = join(parts.dataFolder, 'restore.json')
  const interrupted = await readFile(marker, 'utf8').catch(() => null)
  if (interrupted !== markerText(manifest)) {
    if (!(await isEmpty(parts))) throw invalidBackup(folder, 'this server already holds data; restore into an empty one')
    await writeFile(marker, markerText(manifest), { flush: true })
  }
  const total = manifest.databases.length + manifest.files.length
  let done = 0
  for (const entry of manifest.databases) {
    await restoreDatabase(parts, folder, entry)
    parts.onProgress?.((done += 1), total)
  }
  for (const { path, sha256 } of manifest.files) {
    await restoreFile(join(folder, 'files', path), join(parts.dataFolder, path), sha256)
    parts.onProgress?.((done += 1), total)
  }
  await renewStoreMark(parts.connection, parts.databases)
  await rm(join(parts.dataFolder, 'projection'), { recursive: true, force: true })
  await rm(marker)
  return { documents: manifest.databases.reduce((sum, { documents }) => sum + documents, 0), files: manifest.files.length }
}

const markerText = ({ createdAt, databases }: Manifest) => JSON.stringify({ createdAt, sha256: databases.map((each) => each.sha256) })

/** The database of the server's own name may be there: a gateway that was only started has one. */
async function isEmpty({ connection, databases }: RestoreParts): Promise<boolean> {
  for (const key of await databases.list()) {
    const { body } = await connection.request({ path: databases.path(key) })
    const documents = Number((body as { doc_count?: number }).doc_count ?? 0)
    if (documents > (key.collection === 'server' ? 1 : 0)) return false
  }
  return true
}

async function restoreDatabase(parts: RestoreParts, folder: string, entry: Manifest['databases'][number]): Promise<void> {
  const key = keyOf(folder, entry)
  const path = parts.databases.path(key)
  await parts.databases.ensure(key)
  const writer = createBulkWriter({
    ...{ connection: parts.connection, path, ensureDatabase: () => parts.databases.ensure(key), clock: parts.clock },
    patienceMs: durations.storePatienceMs,
  })
  let written = 0
  let rows: BulkRow[] = []
  const flush = async () => {
    const standing = new Map(
      (
        await readDocuments(
          parts.connection,
          path,
          rows.map(({ id }) => id),
        )
      ).map((change) => [change.id, change]),
    )
    // Equal ones are there from an interrupted restore; another one is the name that an empty server gave itself.
    const missing = rows.filter(({ id, body }) => standing.get(id)?.body !== body)
    const outcomes = await writer.write(missing.map((row) => ({ ...row, rev: standing.get(row.id)?.rev ?? null })))
    const failed = outcomes.findIndex(({ kind }) => kind !== 'written')
    if (failed >= 0) throw invalidBackup(folder, `the document ${missing[failed]?.id ?? ''} could not be written`)
    written += rows.length
    rows = []
  }
  for await (const line of createInterface({ input: createReadStream(join(folder, 'databases', entry.file)), crlfDelay: Infinity })) {
    if (line === '') continue
    rows.push({ id: (JSON.parse(line) as { id: string }).id, rev: null, body: line })
    if (rows.length >= batchRows) await flush()
  }
  await flush()
  if (written !== entry.documents) throw invalidBackup(folder, `${entry.file} holds ${written} documents instead of ${entry.documents}`)
}

function keyOf(folder: string, { ownerId, collection }: Manifest['databases'][number]): DatabaseKey {
  const own = privateDatabases.find((name) => name === collection)
  if (ownerId === null && own !== undefined) return { ownerId, collection: own }
  if (ownerId !== null && isCollectionName(collection)) return { ownerId, collection }
  throw invalidBackup(folder, `it holds a database ${collection} that is not known here`)
}

async function restoreFile(source: string, target: string, sha256: string): Promise<void> {
  if ((await sha256Of(target).catch(() => null)) === sha256) return
  await mkdir(dirname(target), { recursive: true })
  await copyFile(source, `${target}.restoring`)
  await rename(`${target}.restoring`, target)
}
