import { upscaledNames } from '#shared/rules/upscale.ts'
import type { CommandResult } from '../console/runCommand.ts'
import type { Terminal } from '../console/terminal.ts'
import { alongRoute, existingFile, followToEnd, type PlacedOptions } from './runSubmit.ts'

/** Stages pictures at the running node or for a server, submits them as one job, and on request waits for it and downloads what came out. */
export async function runUpscale(
  files: readonly string[],
  options: PlacedOptions & { upscale: 2 | 4 },
  terminal: Terminal,
): Promise<CommandResult> {
  const paths = files.map(existingFile)
  const { upscale: scale, name, server, wait, out } = options
  return alongRoute(options, terminal, async (route, signal) => {
    const { jobId, names } = await route.submitImages(paths, { scale, ...(name === undefined ? {} : { name }) })
    const count = paths.length
    terminal.print(`Submitted ${count} ${count === 1 ? 'picture' : 'pictures'} to be upscaled ×${scale}, job ${jobId}`)
    const value = {
      ...{ jobId, name: name ?? names[0] ?? '', frames: count, scale },
      ...(server === undefined ? {} : { server }),
      warnings: [],
    }
    if (wait !== true && out === undefined) return { value }
    const outNames = upscaledNames(names, scale)
    const nameOf = (frame: number) => outNames[frame - 1] ?? `${frame}.png`
    return followToEnd({ route, jobId, value, count, nameOf, ...(out === undefined ? {} : { out }) }, terminal, signal)
  })
}
