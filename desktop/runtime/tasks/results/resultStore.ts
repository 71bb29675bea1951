import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { moveDurably, syncFolder } from '../../storage/syncedFiles.ts'

/** Finished pictures, `<folder>/<task>/frame_000012.png`, kept until the server has judged them and some time after. */
export interface ResultStore {
  /** Durable when settled: fsync file → rename → fsync folder. */
  keep(taskId: string, frame: number, from: string): Promise<string>
  find(taskId: string, frame: number): Promise<string | null>
  /** Every task that has pictures here, with the time of the newest. */
  list(): Promise<Array<{ taskId: string; changedMs: number }>>
  drop(taskId: string): Promise<void>
  /** Moves a picture that is not what was recorded out of the way. */
  discard(taskId: string, frame: number): Promise<void>
}

/** Ids may hold `:`, which Windows does not allow in names. */
export const folderNameOf = (id: string): string => id.replaceAll(':', '~')
const idOf = (name: string): string => name.replaceAll('~', ':')

const frameFileName = (frame: number, extension: string): string => `frame_${String(frame).padStart(6, '0')}${extension}`

export async function openResultStore(folder: string): Promise<ResultStore> {
  await mkdir(folder, { recursive: true })
  const folderOf = (taskId: string) => join(folder, folderNameOf(taskId))
  const find = async (taskId: string, frame: number) => {
    const names = await readdir(folderOf(taskId)).catch(() => [])
    const name = names.find((one) => one.startsWith(`${frameFileName(frame, '')}.`) && !one.endsWith('.bad'))
    return name === undefined ? null : join(folderOf(taskId), name)
  }
  return {
    find,
    async keep(taskId, frame, from) {
      const target = join(folderOf(taskId), frameFileName(frame, extname(from)))
      if ((await mkdir(folderOf(taskId), { recursive: true })) !== undefined) await syncFolder(folder)
      await moveDurably(from, target)
      return target
    },
    async list() {
      const names = await readdir(folder)
      const found = await Promise.all(names.map(async (name) => ({ name, stat: await stat(join(folder, name)).catch(() => null) })))
      return found.flatMap((one) => (one.stat?.isDirectory() ? [{ taskId: idOf(one.name), changedMs: one.stat.mtimeMs }] : []))
    },
    drop: (taskId) => rm(folderOf(taskId), { recursive: true, force: true }),
    async discard(taskId, frame) {
      const path = await find(taskId, frame)
      if (path !== null) await rename(path, `${path}.bad`)
    },
  }
}
