import { chmod, lchown, lstat, readdir } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** All runs are in this group beside their own, and may read by it what is theirs to read. Its number is nobody's, as those of the users. */
export const readersGroup = 60_706

/** A folder that a run writes in, and whose it was before. */
export interface GivenFolder {
  path: string
  uid: number
  gid: number
}

/** Written down before the folder is given away. */
export async function ownedFolder(path: string): Promise<GivenFolder> {
  const { uid, gid } = await lstat(path)
  return { path, uid, gid }
}

/** To write in: it is the user's own until `takeBack`. What has a second name elsewhere stays whose it is: that name was not given. */
export async function giveFolder(path: string, uid: number): Promise<void> {
  await walk(path, async (at, found) => {
    if (found.isDirectory() || found.nlink === 1) await lchown(at, uid, uid)
  })
}

/** Whatever the user owns there is its former owner's again. Nothing of the user may run any more: who could swap a folder for a link meanwhile would be given what it leads to. */
export async function takeBack(folder: GivenFolder, uid: number): Promise<void> {
  await walk(folder.path, async (at, found) => {
    if (found.uid === uid) await lchown(at, folder.uid, folder.gid)
  })
}

/** To write in for all runs, at the same time: a cache of compiled kernels. */
export async function shareFolder(path: string): Promise<void> {
  await walk(path, async (at, found) => {
    if (found.isSymbolicLink() || (!found.isDirectory() && found.nlink > 1)) return
    // What is made in it belongs to the group as well.
    const rights = found.isDirectory() ? 0o2770 : 0o660
    if (found.gid !== readersGroup || found.uid !== 0) await lchown(at, 0, readersGroup)
    if ((found.mode & 0o7777) !== rights) await chmod(at, rights)
  })
}

/** To read for all runs. Only what nobody else was given: a group of somebody's keeps its rights, and then the run goes without. */
export async function showFolder(path: string): Promise<void> {
  await walk(path, (at, found) => letIn(at, found, found.isDirectory() ? 0o050 : 0o040))
}

/** The folders from `root` down to what is named may be walked through, and not be looked around in. */
export async function openWay(root: string, path: string): Promise<void> {
  for (let at = dirname(path); isInside(at, root); at = dirname(at)) {
    const found = await lstat(at)
    await letIn(at, found, 0o010)
    if (at === dirname(at)) return
  }
}

export const isInside = (path: string, root: string): boolean => {
  const way = relative(root, path)
  return way === '' || (!way.startsWith('..') && !way.startsWith('/'))
}

async function letIn(path: string, found: Stats, rights: number): Promise<void> {
  const isForAll = (found.mode & (rights >> 3)) === rights >> 3
  if (found.isSymbolicLink() || isForAll || (found.gid !== 0 && found.gid !== readersGroup)) return
  if (found.gid !== readersGroup) await lchown(path, found.uid, readersGroup)
  const wanted = found.gid === readersGroup ? found.mode | rights : (found.mode & ~0o070) | rights
  if ((found.mode & 0o7777) !== (wanted & 0o7777)) await chmod(path, wanted & 0o7777)
}

/** The folder and all below, links not followed. What goes meanwhile is passed over. */
async function walk(path: string, visit: (path: string, found: Stats) => Promise<void>): Promise<void> {
  const found = await lstat(path).catch(() => null)
  if (found === null) return
  await visit(path, found).catch((thrown: unknown) => {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')) throw thrown
  })
  if (!found.isDirectory()) return
  for (const name of await readdir(path).catch(() => [])) await walk(join(path, name), visit)
}
