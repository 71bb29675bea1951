import { statSync } from 'node:fs'
import type { JobState } from '#shared/collections/job.schema.ts'
import { renderSettingsSchema } from '#shared/collections/job.schema.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { parseFrames } from '#shared/frames/frameRange.ts'
import type { JsonObject } from '#shared/json.ts'
import { exitCodes } from '../console/exitCodes.ts'
import type { CommandResult } from '../console/runCommand.ts'
import type { Terminal } from '../console/terminal.ts'
import { typedPath } from '../context.ts'
import { downloadFrames } from '../jobs/downloadFrames.ts'
import { followJob } from '../jobs/followJob.ts'
import type { JobWishes } from '../../runtime/entry.ts'
import { waitForStop } from '../up/stopSignals.ts'
import type { SceneRoute } from './sceneRoute.ts'
import type { SubmitOptions } from './submit.command.ts'
import { throughNode } from './throughNode.ts'
import { toServer } from './toServer.ts'

/** Stages the scene at the running node or for a server, submits it, and on request waits for the job and downloads its pictures. */
export async function runSubmit(scene: string, options: PlacedOptions & { frames: string }, terminal: Terminal): Promise<CommandResult> {
  const wishes = wishesOf(options)
  const frames = parseFrames(options.frames)
  if (!frames.ok) throw new AppErrorException(frames.error)
  const path = existingFile(scene)
  return alongRoute(options, terminal, (route, signal) => submitBy(route, path, frames.value.length, wishes, options, terminal, signal))
}

export type PlacedOptions = SubmitOptions & { dataPath: string }

/** Opens the way to the server that the options name, and closes it again. Ctrl-C ends what is under way. */
export async function alongRoute(
  options: PlacedOptions,
  terminal: Terminal,
  use: (route: SceneRoute, signal: AbortSignal) => Promise<CommandResult>,
): Promise<CommandResult> {
  const stopped = new AbortController()
  void waitForStop(() => process.exit(exitCodes.interrupted)).then(() => stopped.abort())
  const { server, account, secret } = options
  const route =
    server === undefined
      ? throughNode(options.dataPath, stopped.signal)
      : await toServer(server, { account, secret }, terminal, stopped.signal)
  try {
    return await use(route, stopped.signal)
  } finally {
    await route.close()
  }
}

async function submitBy(
  route: SceneRoute,
  path: string,
  frameCount: number,
  wishes: JobWishes,
  { server, wait, out }: SubmitOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<CommandResult> {
  terminal.say(`looking into ${path} …`)
  const staged = await route.stage(path)
  for (const warning of staged.warnings) terminal.say(`warning: ${warning.message} (${warning.code})`)
  const jobId = await route.submit(wishes)
  const value: JsonObject = {
    ...{ jobId, name: wishes.name ?? staged.name, frames: frameCount },
    ...(server === undefined ? {} : { server }),
    warnings: staged.warnings.map(({ code, message }) => ({ code, message })),
  }
  terminal.print(`Submitted ${staged.name}: ${frameCount} frames, job ${jobId}`)
  if (wait !== true && out === undefined) return { value }
  return followToEnd({ route, jobId, value, count: frameCount, ...(out === undefined ? {} : { out }) }, terminal, signal)
}

export interface Following {
  route: SceneRoute
  jobId: string
  /** What was said of the job so far. */
  value: JsonObject
  count: number
  out?: string
  /** What a frame's file is called; default: its number. */
  nameOf?: (frame: number) => string
}

/** Waits for the job's end and downloads its pictures where that was wished. */
export async function followToEnd(
  { route, jobId, value, count, out, nameOf }: Following,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<CommandResult> {
  const owner = await route.owner()
  const job = await followJob(owner, jobId, terminal, signal)
  terminal.print(`The job ended as "${job.state}": ${job.accepted} of ${count} frames`)
  if (job.error) terminal.say(`error: ${job.error.message} (${job.error.code})`)
  const files = out === undefined ? [] : await downloadFrames(owner, job, typedPath(out), terminal, nameOf)
  for (const file of files) terminal.print(file.path)
  return {
    value: { ...value, ...endOf(job), outputs: files.map(({ frame, path: file, sha256 }) => ({ frame, path: file, sha256 })) },
    exitCode: job.state === 'done' ? exitCodes.ok : exitCodes.jobIncomplete,
  }
}

const endOf = ({ state, accepted, failed, error }: JobState): JsonObject => ({
  ...{ state, accepted, failed },
  ...(error ? { error: { code: error.code, message: error.message } } : {}),
})

function wishesOf({ frames, chunk, name, samples, width, height, format }: SubmitOptions & { frames: string }): JobWishes {
  const settings = renderSettingsSchema.safeParse(JSON.parse(JSON.stringify({ samples, width, height, format })))
  if (!settings.success) {
    const issue = settings.error.issues[0]
    throw new AppErrorException(appError('REQUEST_INVALID', { reason: `--${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` }))
  }
  return { frames, chunkSize: chunk, settings: settings.data, ...(name === undefined ? {} : { name }) }
}

export function existingFile(scene: string): string {
  const path = typedPath(scene)
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return path
  throw new AppErrorException(appError('SCENE_NOT_FOUND', { path }))
}
