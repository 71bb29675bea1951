import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { CouchConnection } from '../store/couchConnection.ts'
import type { CouchDatabases } from '../store/couchDatabases.ts'
import type { DatabaseKey } from '../store/databaseNames.ts'
import { allDocuments } from './allDocuments.ts'
import { createChunkLines } from './chunkLines.ts'
import { invalidBackup, keptFolders, sha256Of, type Manifest } from './backupFormat.ts'

export interface BackupParts {
  connection: CouchConnection
  databases: CouchDatabases
  dataFolder: string
  nowMs: number
  /** Called after each database and file with how much of what is done. */
  onProgress?: (done: number, total: number) => void
  /** Given up: nothing is left of the backup, and it rejects with CANCELLED. */
  signal?: AbortSignal
  /** Of a server that runs: tasks whose ledger entries are not all written at this moment. */
  unsettledTaskIds?: () => ReadonlySet<string>
}
export interface BackupReport {
  documents: number
  files: number
}

/**
 * Writes a backup of everything into a new folder. It appears under its name only when it is whole. The server may run: what is written meanwhile
 * is in it or not, and what is in it fits together. Rejects with BACKUP_INVALID when the folder
 * is not empty, CANCELLED.
 */
export async function backupStore(parts: BackupParts, folder: string): Promise<BackupReport> {
  if ((await readdir(folder).catch(() => [])).length > 0) throw invalidBackup(folder, 'the folder is not empty')
  const partial = `${folder.replace(/[/\\]+$/, '')}.partial`
  await rm(partial, { recursive: true, force: true })
  try {
    const report = await write(parts, partial)
    await rm(folder, { recursive: true, force: true })
    await rename(partial, folder)
    return report
  } catch (thrown) {
    await rm(partial, { recursive: true, force: true })
    throw thrown
  }
}

async function write(parts: BackupParts, partial: string): Promise<BackupReport> {
  const goOn = () => {
    if (parts.signal?.aborted === true) throw new AppErrorException(appError('CANCELLED'))
  }
  await mkdir(join(partial, 'databases'), { recursive: true, mode: 0o700 })
  const keys = await parts.databases.list()
  keys.sort((a, b) => placeOf(a) - placeOf(b))
  const chunkLines = createChunkLines(parts.nowMs, parts.unsettledTaskIds?.() ?? new Set())
  const lineOf = (key: DatabaseKey, id: string, body: string): string | null => {
    if (key.collection === 'chunks') return chunkLines.lineOf(body)
    if (key.ownerId !== null && key.collection === 'jobs') chunkLines.addJob(key.ownerId, id)
    return body
  }
  const before = await filesBelow(parts.dataFolder)
  const manifest: Manifest = { format: 'pictor-server-backup', formatVersion: 1, createdAt: parts.nowMs, databases: [], files: [] }
  for (const [index, key] of keys.entries()) {
    goOn()
    const file = `${index}.ndjson`
    const lines = (id: string, body: string) => {
      goOn()
      return lineOf(key, id, body)
    }
    const written = await dumpDatabase(parts, parts.databases.path(key), join(partial, 'databases', file), lines)
    manifest.databases.push({ ...key, file, ...written })
    parts.onProgress?.(index + 1, keys.length + before.length)
  }
  // Listed again: every file that a document of the backup names is there by now.
  const paths = await filesBelow(parts.dataFolder)
  const total = keys.length + paths.length
  for (const [index, path] of paths.entries()) {
    goOn()
    const target = join(partial, 'files', path)
    await mkdir(dirname(target), { recursive: true })
    if (!(await copyIfThere(join(parts.dataFolder, path), target))) continue
    manifest.files.push({ path: path.split(sep).join('/'), sizeBytes: (await stat(target)).size, sha256: await sha256Of(target) })
    parts.onProgress?.(keys.length + index + 1, total)
  }
  await writeFile(join(partial, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true })
  return { documents: manifest.databases.reduce((sum, { documents }) => sum + documents, 0), files: manifest.files.length }
}

/**
 * Who may sign in first, the owners' documents, then the chunks that those follow from (see `chunkLines.ts`), and the archive last: what was put away
 * meanwhile is in it, or was saved before it went.
 */
function placeOf({ ownerId, collection }: DatabaseKey): number {
  if (collection === 'archive') return 3
  if (collection === 'chunks') return 2
  return ownerId === null ? 0 : 1
}

/** False: it went meanwhile, as old logs do. */
async function copyIfThere(source: string, target: string): Promise<boolean> {
  try {
    await copyFile(source, target, constants.COPYFILE_FICLONE)
    return true
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return false
    throw thrown
  }
}

async function dumpDatabase(
  { connection }: BackupParts,
  databasePath: string,
  path: string,
  lineOf: (id: string, body: string) => string | null,
): Promise<{ documents: number; sha256: string }> {
  const hash = createHash('sha256')
  const file = await open(path, 'w', 0o600)
  let documents = 0
  try {
    let lines = ''
    const flush = async () => {
      hash.update(lines)
      await file.appendFile(lines)
      lines = ''
    }
    for await (const { id, body } of allDocuments(connection, databasePath)) {
      const line = lineOf(id, body)
      if (line === null) continue
      lines += `${line}\n`
      documents += 1
      if (lines.length > 1024 * 1024) await flush()
    }
    await flush()
    await file.sync()
  } finally {
    await file.close()
  }
  return { documents, sha256: hash.digest('hex') }
}

async function filesBelow(dataFolder: string): Promise<string[]> {
  const found: string[] = []
  for (const name of keptFolders) {
    const entries = await readdir(join(dataFolder, name), { recursive: true, withFileTypes: true }).catch(() => [])
    for (const entry of entries) if (entry.isFile()) found.push(relative(dataFolder, join(entry.parentPath, entry.name)))
  }
  return found.toSorted()
}
