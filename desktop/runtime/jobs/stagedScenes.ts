import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { StagedScene } from '#shared/api/runtimeCalls.ts'
import type { FileRef } from '#shared/collections/common.ts'
import { appError, toAppError, type AppError } from '#shared/errors/appError.ts'
import { makeId } from '#shared/ids.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { imagesPerJobLimit } from '#shared/rules/upscale.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'
import type { FileCache } from '../tasks/fetch/fileCache.ts'
import { isDiskFull } from '../storage/syncedFiles.ts'
import { errorField } from '../tasks/run/runChanges.ts'
import type { BundleFile, PrepareScene } from './prepareScene.ts'

/** A staged scene with the files that make it up, all of them in the cache. */
interface StagedBundle {
  staged: StagedScene
  scene: FileRef
  extraFiles: FileRef[]
}

export interface StagedScenes {
  /** Why no scene is taken in here: JOB_NOT_FROM_HERE {server}; null: they are. */
  refusal(): AppError | null
  /** Takes a scene of this computer in, with what it links to. Errors: `refusal`, SCENE_…, BLENDER_…, DISK_FULL; nothing is left behind then. */
  stageFile(path: string): Promise<Result<StagedScene>>
  get(stagedId: string): StagedBundle | null
  discard(stagedId: string): void
  /** Hashes of files that a staged scene needs. */
  pinned(): string[]
}

export interface StagedScenesOptions {
  folder: string
  local: LocalDatabase
  cache: FileCache
  prepare: PrepareScene
  /** The server whose jobs only its signed-in owner may make, where this computer is a mere worker; null: jobs may be made here. */
  workerOnlyFor: () => string | null
}

/** As many as the pictures of the largest job, so that none of them goes before the last one is there. */
const kept = imagesPerJobLimit + 50

export function openStagedScenes(options: StagedScenesOptions): StagedScenes {
  const { folder, local, cache, prepare } = options
  local.migrate({
    feature: 'stagedScenes',
    steps: ['CREATE TABLE staged_scenes (id TEXT PRIMARY KEY, bundle TEXT NOT NULL, at INTEGER NOT NULL)'],
  })
  const insert = local.sql.prepare('INSERT INTO staged_scenes (id, bundle, at) VALUES (?, ?, ?)')
  const select = local.sql.prepare('SELECT bundle FROM staged_scenes WHERE id = ?')
  const all = local.sql.prepare('SELECT bundle FROM staged_scenes')
  const remove = local.sql.prepare('DELETE FROM staged_scenes WHERE id = ?')
  const trim = local.sql.prepare('DELETE FROM staged_scenes WHERE id NOT IN (SELECT id FROM staged_scenes ORDER BY at DESC LIMIT ?)')
  const read = (row: Record<string, unknown>) => JSON.parse(String(row['bundle'])) as StagedBundle

  const withScratch = async (use: (scratch: string, stagedId: string) => Promise<Result<StagedScene>>): Promise<Result<StagedScene>> => {
    const stagedId = makeId('staged', randomBytes(20))
    const scratch = join(folder, stagedId)
    try {
      await mkdir(scratch, { recursive: true })
      return await use(scratch, stagedId)
    } catch (error) {
      return err(isDiskFull(error) ? appError('DISK_FULL', { what: 'the scene' }) : toAppError(error))
    } finally {
      await rm(scratch, { recursive: true, force: true })
    }
  }
  const take = async (path: string, scratch: string, stagedId: string): Promise<Result<StagedScene>> => {
    const prepared = await prepare(path, join(scratch, 'prepared'))
    if (!prepared.ok) return prepared
    const { scene, extraFiles, info, frameStart, frameEnd, warnings } = prepared.value
    const sceneRef = await keep(scene, scratch, cache)
    const extraRefs: FileRef[] = []
    for (const file of extraFiles) extraRefs.push(await keep(file, scratch, cache))
    const sizeBytes = [sceneRef, ...extraRefs].reduce((sum, file) => sum + file.sizeBytes, 0)
    const staged: StagedScene = {
      stagedId,
      name: basename(path),
      sizeBytes,
      info,
      frameStart,
      frameEnd,
      warnings: warnings.map(errorField),
    }
    insert.run(stagedId, JSON.stringify({ staged, scene: sceneRef, extraFiles: extraRefs } satisfies StagedBundle), Date.now())
    trim.run(kept)
    return ok(staged)
  }
  const refusal = () => {
    const server = options.workerOnlyFor()
    return server === null ? null : appError('JOB_NOT_FROM_HERE', { server })
  }
  return {
    refusal,
    async stageFile(path) {
      // Before Blender looks into it, which may take minutes.
      const refused = refusal()
      return refused === null ? withScratch((scratch, stagedId) => take(path, scratch, stagedId)) : err(refused)
    },
    get(stagedId) {
      const row = select.get(stagedId)
      return row === undefined ? null : read(row)
    },
    discard: (stagedId) => void remove.run(stagedId),
    pinned: () => all.all().flatMap((row) => [read(row).scene, ...read(row).extraFiles].map(({ sha256 }) => sha256)),
  }
}

/** Copies a file of the bundle into the cache; the one it came from is not ours. */
async function keep(file: BundleFile, scratch: string, cache: FileCache): Promise<FileRef> {
  const copy = join(scratch, 'taken')
  await copyFile(file.path, copy)
  return cache.takeIn(copy, file.name)
}
