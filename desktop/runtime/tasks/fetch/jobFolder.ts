import { constants, renameSync } from 'node:fs'
import { copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { dirname, join, posix, sep } from 'node:path'
import type { Task } from '#shared/collections/task.schema.ts'
import type { FileRef } from '#shared/collections/common.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { syncFile } from '../../storage/syncedFiles.ts'
import type { FileCache } from './fileCache.ts'

const complete = '.complete'

/** All files of a task: the scene first. */
export const filesOf = (task: Pick<Task, 'scene' | 'extraFiles'>): FileRef[] => [task.scene, ...task.extraFiles]

/** The tasks of one job share a folder: its name comes from what is in it. */
export function bundleKey(task: Pick<Task, 'scene' | 'extraFiles'>): string {
  const hash = createHash('sha256')
  for (const { name, sha256 } of filesOf(task)) hash.update(`${sha256} ${name}\n`)
  return hash.digest('hex').slice(0, 32)
}

/**
 * Lays the scene and its files out under `parent`, each under its relative path, and answers with the path of the scene.
 * Files are copied (by reference where the file system can), never linked: Blender must not be able to reach the cache.
 * A path that leads out of the folder is REQUEST_INVALID: bundles come from strangers.
 */
export async function layOut(task: Pick<Task, 'scene' | 'extraFiles'>, parent: string, cache: FileCache): Promise<Result<string>> {
  const folder = join(parent, bundleKey(task))
  const unsafe = filesOf(task).find(({ name }) => !isInside(name))
  if (unsafe !== undefined) return err(appError('REQUEST_INVALID', { reason: `a file of the scene is named ${unsafe.name}` }))
  const scenePath = join(folder, ...task.scene.name.split('/'))
  if (await stat(join(folder, complete)).catch(() => null)) return ok(scenePath)
  await rm(folder, { recursive: true, force: true })
  for (const { name, sha256 } of filesOf(task)) {
    const target = join(folder, ...name.split('/'))
    await mkdir(dirname(target), { recursive: true })
    await copyFile(cache.pathOf(sha256), target, constants.COPYFILE_FICLONE)
    await syncFile(target)
  }
  await writeFile(join(folder, complete), '')
  return ok(scenePath)
}

/**
 * Deletes the folders of bundles that no open task needs. A task may come at any moment, also one that finds its bundle laid out already: so each
 * is asked for when its turn comes and loses its name in that very moment; who comes later lays it out anew.
 */
export async function dropBundles(parent: string, isNeeded: (bundle: string) => boolean): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const dropped = join(parent, name.startsWith(dropping) ? name : `${dropping}${name}`)
    // What an end in the middle of this left; the name has to be free.
    await rm(dropped, { recursive: true, force: true })
    if (name.startsWith(dropping) || isNeeded(name)) continue
    // Not awaited: between the question and its answer nobody else may run.
    renameSync(join(parent, name), dropped)
    await rm(dropped, { recursive: true, force: true })
  }
}
const dropping = '.dropped-'

/** Names that mean a device on Windows, in every folder and with every extension. */
const windowsDevice = /^(con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³]) *(\.|$)/i

/** Relative, forward slashes, nothing that climbs; on Windows no drive, no reserved characters and no devices either. */
export function isInside(name: string, onWindows = sep === '\\'): boolean {
  if (name === '' || name === complete || posix.isAbsolute(name) || name.includes('\0')) return false
  if (onWindows && (/[\\:*?"<>|]/.test(name) || name.split('/').some((part) => /[. ]$/.test(part) || windowsDevice.test(part))))
    return false
  return name.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
