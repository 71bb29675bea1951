import { Command, InvalidArgumentError, Option } from 'commander'
import { imageFormatSchema } from '#shared/collections/job.schema.ts'
import { dataPath, type CliContext } from '../context.ts'
import { dataOption, jsonOption, parseCount } from '../options.ts'

export interface SubmitOptions {
  frames: string
  name?: string
  chunk: number
  samples?: number
  width?: number
  height?: number
  format?: string
  wait?: boolean
  out?: string
  data?: string
  json?: boolean
}

/** `pictor submit SCENE.blend --frames 1-10,20` */
export function submitCommand(context: CliContext): Command {
  return new Command('submit')
    .description('submit a Blender scene as a job; textures, libraries and caches it links to go with it')
    .argument('<scene>', 'the .blend file')
    .requiredOption('--frames <frames>', 'frames to render, for example 1-10,20')
    .option('--name <name>', 'name of the job (default: that of the file)')
    .addOption(new Option('--chunk <n>', 'frames per task').default(1).argParser(parseCount))
    .addOption(new Option('--samples <n>', 'samples per pixel instead of the scene’s').argParser(parseCount))
    .addOption(new Option('--width <px>', 'width of the pictures').argParser(parseCount))
    .addOption(new Option('--height <px>', 'height of the pictures').argParser(parseCount))
    .addOption(new Option('--format <format>', `one of ${imageFormatSchema.options.join(', ')}`).argParser(parseFormat))
    .option('--wait', 'wait until the job has ended')
    .option('--out <dir>', 'with --wait (implied): download the pictures into this folder')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The job goes to the Pictor Worker that runs on the data folder (see \`pictor up\`), which looks into the scene, names what is missing, and
sends it on to its server.
With --json: {ok, jobId, name, frames, warnings} and, after --wait, {state, accepted, failed, outputs:[{frame, path, sha256}]}.
Exit code 4: the job ended without all of its frames.`,
    )
    .action((scene: string, options: SubmitOptions) =>
      context.run(options.json, async (terminal) => {
        const { runSubmit } = await import('./runSubmit.ts')
        return runSubmit(scene, { ...options, dataPath: dataPath(options.data) }, terminal)
      }),
    )
}

function parseFormat(text: string): string {
  const parsed = imageFormatSchema.safeParse(text.toUpperCase())
  if (!parsed.success) throw new InvalidArgumentError(`One of ${imageFormatSchema.options.join(', ')} is needed.`)
  return parsed.data
}
