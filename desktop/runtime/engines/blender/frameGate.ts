import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Lies in a run's scratch folder while no other frame may begin. */
export const frameGatePath = (workFolder: string): string => join(workFolder, 'last-frame')

/**
 * Tells the script inside Blender, which looks before each frame, whether it may begin another. A file, because it needs no thread in
 * Blender and nothing can be lost on the way: what Blender has begun by then is the frame in progress. Written at once, so that the
 * order of wishes is the order of calls.
 */
export function createFrameGate(workFolder: string, onTrouble: (error: unknown) => void) {
  const path = frameGatePath(workFolder)
  const attempt = (work: () => void) => {
    try {
      work()
    } catch (error) {
      onTrouble(error)
    }
  }
  return {
    close: () =>
      attempt(() => {
        mkdirSync(workFolder, { recursive: true })
        // Made anew: a program that was taken over could have put a link there, and what it leads to would be emptied.
        rmSync(path, { force: true })
        writeFileSync(path, '', { flag: 'wx' })
      }),
    open: () => attempt(() => rmSync(path, { force: true })),
  }
}
