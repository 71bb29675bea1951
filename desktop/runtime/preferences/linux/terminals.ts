import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Since somebody last typed at a terminal, in milliseconds: on a computer without a screen that is who uses it, over ssh or at the console.
 * A terminal's access time is the time of the last key (to 8 s), the way `w` tells it. Infinity where there is none.
 */
export async function terminalIdleMs(nowMs: number, folders: readonly string[] = ['/dev/pts']): Promise<number> {
  const times = await Promise.all(
    folders.map(async (folder) => {
      const names = (await readdir(folder).catch(() => [])).filter((name) => /^(\d+|tty\d+)$/.test(name))
      return Promise.all(
        names.map((name) =>
          stat(join(folder, name)).then(
            (found) => found.atimeMs,
            () => -Infinity,
          ),
        ),
      )
    }),
  )
  const last = Math.max(-Infinity, ...times.flat())
  return Math.max(0, nowMs - last)
}
