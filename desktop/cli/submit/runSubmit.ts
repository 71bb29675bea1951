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
export async function runSubmit(scene: string, options: SubmitOptions & { dataPath: string }, terminal: Terminal): Promise<CommandResult> {
  const wishes = wishesOf(options)
  const frames = parseFrames(options.frames)
  if (!frames.ok) throw new AppErrorException(frames.error)
  const path = existingFile(scene)
  const stopped = new AbortController()
  void waitForStop(() => process.exit(exitCodes.interrupted)).then(() => stopped.abort())
  const { server, account, secret } = options
  const route =
    server === undefined
      ? throughNode(options.dataPath, stopped.signal)
      : await toServer(server, { account, secret }, terminal, stopped.signal)
  try {
    return await submitBy(route, path, frames.value.length, wishes, options, terminal, stopped.signal)
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

  const owner = await route.owner()
  const job = await followJob(owner, jobId, terminal, signal)
  terminal.print(`The job ended as "${job.state}": ${job.accepted} of ${frameCount} frames`)
  if (job.error) terminal.say(`error: ${job.error.message} (${job.error.code})`)
  const files = out === undefined ? [] : await downloadFrames(owner, job, typedPath(out), terminal)
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

function wishesOf({ frames, chunk, name, samples, width, height, format }: SubmitOptions): JobWishes {
  const settings = renderSettingsSchema.safeParse(JSON.parse(JSON.stringify({ samples, width, height, format })))
  if (!settings.success) {
    const issue = settings.error.issues[0]
    throw new AppErrorException(appError('REQUEST_INVALID', { reason: `--${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` }))
  }
  return { frames, chunkSize: chunk, settings: settings.data, ...(name === undefined ? {} : { name }) }
}

function existingFile(scene: string): string {
  const path = typedPath(scene)
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return path
  throw new AppErrorException(appError('SCENE_NOT_FOUND', { path }))
}
