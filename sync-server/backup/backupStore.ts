import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import type { CouchConnection } from '../store/couchConnection.ts'
import type { CouchDatabases } from '../store/couchDatabases.ts'
import { allDocuments } from './allDocuments.ts'
import { invalidBackup, keptFolders, sha256Of, type Manifest } from './backupFormat.ts'

export interface BackupParts {
  connection: CouchConnection
  databases: CouchDatabases
  dataFolder: string
  nowMs: number
  /** Called after each database and file with how much of what is done. */
  onProgress?: (done: number, total: number) => void
}
export interface BackupReport {
  documents: number
  files: number
}

/** Writes a backup of everything into a new folder. It appears under its name only when it is whole. Rejects with BACKUP_INVALID when the folder is not empty. */
export async function backupStore(parts: BackupParts, folder: string): Promise<BackupReport> {
  if ((await readdir(folder).catch(() => [])).length > 0) throw invalidBackup(folder, 'the folder is not empty')
  const partial = `${folder.replace(/[/\\]+$/, '')}.partial`
  await rm(partial, { recursive: true, force: true })
  await mkdir(join(partial, 'databases'), { recursive: true, mode: 0o700 })
  const keys = await parts.databases.list()
  // Chunks first: what their documents follow from it may then be newer, never older, and is written again without harm.
  keys.sort((a, b) => Number(b.collection === 'chunks') - Number(a.collection === 'chunks'))
  const paths = await filesBelow(parts.dataFolder)
  const total = keys.length + paths.length
  const manifest: Manifest = { format: 'pictor-server-backup', formatVersion: 1, createdAt: parts.nowMs, databases: [], files: [] }
  for (const [index, key] of keys.entries()) {
    const file = `${index}.ndjson`
    const written = await dumpDatabase(parts.connection, parts.databases.path(key), join(partial, 'databases', file))
    manifest.databases.push({ ...key, file, ...written })
    parts.onProgress?.(index + 1, total)
  }
  for (const [index, path] of paths.entries()) {
    const target = join(partial, 'files', path)
    await mkdir(dirname(target), { recursive: true })
    await copyFile(join(parts.dataFolder, path), target, constants.COPYFILE_FICLONE)
    manifest.files.push({ path: path.split(sep).join('/'), sizeBytes: (await stat(target)).size, sha256: await sha256Of(target) })
    parts.onProgress?.(keys.length + index + 1, total)
  }
  await writeFile(join(partial, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true })
  await rm(folder, { recursive: true, force: true })
  await rename(partial, folder)
  return { documents: manifest.databases.reduce((sum, { documents }) => sum + documents, 0), files: paths.length }
}

async function dumpDatabase(
  connection: CouchConnection,
  databasePath: string,
  path: string,
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
    for await (const { body } of allDocuments(connection, databasePath)) {
      lines += `${body}\n`
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
