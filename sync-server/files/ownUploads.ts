import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { durations } from '#shared/durations.ts'

/** One picture as one attempt sent it. The task's id names the attempt, and with it the node. */
export interface OwnUpload {
  taskId: string
  frame: number
  sha256: string
}

/**
 * Which pictures came up for which frame of which attempt. The space of a job's owner holds much else (inputs, pictures of other nodes, of other
 * frames), and whoever is paid for a picture must have sent it: having its hash is not enough. An entry is an empty file, made before an
 * upload is answered. One that is lost costs another upload.
 */
export interface OwnUploads {
  add(upload: OwnUpload): Promise<void>
  has(upload: OwnUpload): Promise<boolean>
  /** Forgets what came up long ago: by then it was delivered, or comes up again. */
  sweep(nowMs: number): Promise<void>
}

const addTries = 5

export function createOwnUploads(folder: string): OwnUploads {
  const folderOf = (taskId: string) => join(folder, encodeURIComponent(taskId))
  const pathOf = ({ taskId, frame, sha256 }: OwnUpload) => join(folderOf(taskId), `${frame}-${sha256}`)
  return {
    async add(upload) {
      for (let tries = 1; ; tries += 1) {
        try {
          await mkdir(folderOf(upload.taskId), { recursive: true, mode: 0o700 })
          return await writeFile(pathOf(upload), '')
        } catch (thrown) {
          // Somebody sweeps, and the folder was an old one: it is made anew.
          if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT' || tries >= addTries) throw thrown
        }
      }
    },
    async has(upload) {
      if (!/^[0-9a-f]{64}$/.test(upload.sha256)) return false
      return (await stat(pathOf(upload)).catch(() => null)) !== null
    },
    async sweep(nowMs) {
      for (const name of await namesIn(folder)) {
        const path = join(folder, name)
        // A folder's time is that of its last new entry.
        const facts = await stat(path).catch(() => null)
        if (facts === null || nowMs - facts.mtimeMs <= durations.uploadAbandonedAfterMs) continue
        // Out of the way first: a folder that something is put into meanwhile cannot be taken away. One that a crash leaves so is old, too.
        const aside = join(folder, `swept-${randomBytes(6).toString('hex')}`)
        await rename(path, aside).catch(ignoreGone)
        await rm(aside, { recursive: true, force: true })
      }
    },
  }
}

/** Another sweep was first. */
function ignoreGone(thrown: NodeJS.ErrnoException): void {
  if (thrown.code !== 'ENOENT') throw thrown
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return []
    throw thrown
  })
}
