import { Command, InvalidArgumentError, Option } from 'commander'
import { imageFormatSchema } from '#shared/collections/job.schema.ts'
import { dataPath, type CliContext } from '../context.ts'
import { accountOption, dataOption, jsonOption, parseCount, secretOption, serverOption } from '../options.ts'

export interface SubmitOptions {
  frames?: string
  upscale?: 2 | 4
  name?: string
  chunk: number
  samples?: number
  width?: number
  height?: number
  format?: string
  wait?: boolean
  out?: string
  data?: string
  server?: string
  account?: string
  secret?: string
  json?: boolean
}

/** `pictor submit SCENE.blend --frames 1-10,20`, `pictor submit IMAGES… --upscale 2|4` */
export function submitCommand(context: CliContext): Command {
  return new Command('submit')
    .description('submit a Blender scene as a job, with what it links to; or pictures to upscale')
    .argument('<files...>', 'the .blend file, or with --upscale the pictures (PNG, JPEG, WebP)')
    .option('--frames <frames>', 'frames of the scene to render, for example 1-10,20')
    .addOption(new Option('--upscale <times>', 'make the pictures 2 or 4 times as wide and high').argParser(parseScale))
    .option('--name <name>', 'name of the job (default: that of the file)')
    .addOption(new Option('--chunk <n>', 'frames per task').default(1).argParser(parseCount))
    .addOption(new Option('--samples <n>', 'samples per pixel instead of the scene’s').argParser(parseCount))
    .addOption(new Option('--width <px>', 'width of the pictures').argParser(parseCount))
    .addOption(new Option('--height <px>', 'height of the pictures').argParser(parseCount))
    .addOption(new Option('--format <format>', `one of ${imageFormatSchema.options.join(', ')}`).argParser(parseFormat))
    .option('--wait', 'wait until the job has ended')
    .option('--out <dir>', 'with --wait (implied): download the pictures into this folder')
    .addOption(dataOption())
    .addOption(serverOption())
    .addOption(accountOption())
    .addOption(secretOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The job goes to the Pictor Worker that runs on the data folder (see \`pictor up\`), which looks into the scene, names what is missing, and
sends it on to its server. With --server it goes straight to that server, and no Pictor Worker has to run here: Blender looks into the scene,
and what the server does not have yet is uploaded. A broken upload goes on where it ended when the command is given again. Who you are is
said by --account (the password is asked for, or taken from PICTOR_PASSWORD), a one-time secret (PICTOR_SECRET), or \`pictor sign-in\`.
Pictures are upscaled in the order given; with --out each gets its own name with _x2 or _x4.
With --json: {ok, jobId, name, frames, server, warnings} and, after --wait, {state, accepted, failed, outputs:[{frame, path, sha256}]}.
Exit code 4: the job ended without all of its frames.`,
    )
    .action((files: string[], options: SubmitOptions, command: Command) => {
      const [scene = ''] = files
      if (options.upscale === undefined) {
        if (files.length > 1) command.error('error: one scene at a time; pictures need --upscale 2 or --upscale 4')
        if (options.frames === undefined) command.error("error: required option '--frames <frames>' not specified")
      }
      return context.run(options.json, async (terminal) => {
        const placed = { ...options, dataPath: dataPath(options.data) }
        if (options.upscale !== undefined) {
          const { runUpscale } = await import('./runUpscale.ts')
          return runUpscale(files, { ...placed, upscale: options.upscale }, terminal)
        }
        const { runSubmit } = await import('./runSubmit.ts')
        return runSubmit(scene, { ...placed, frames: options.frames ?? '' }, terminal)
      })
    })
}

function parseScale(text: string): 2 | 4 {
  if (text === '2' || text === '4') return text === '2' ? 2 : 4
  throw new InvalidArgumentError('It is 2 or 4.')
}

function parseFormat(text: string): string {
  const parsed = imageFormatSchema.safeParse(text.toUpperCase())
  if (!parsed.success) throw new InvalidArgumentError(`One of ${imageFormatSchema.options.join(', ')} is needed.`)
  return parsed.data
}
