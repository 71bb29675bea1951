import { statSync } from 'node:fs'
import { z } from 'zod'
import { runtimeAsks } from '#shared/api/runtimeAsks.ts'
import type { JobState } from '#shared/collections/job.schema.ts'
import { renderSettingsSchema } from '#shared/collections/job.schema.ts'
import { durations } from '#shared/durations.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { parseFrames } from '#shared/frames/frameRange.ts'
import type { JsonObject } from '#shared/json.ts'
import { askInstance } from '../../launch/controlClient.ts'
import { ownerClient, runningInstance } from '../client/ownerClient.ts'
import { exitCodes } from '../console/exitCodes.ts'
import type { CommandResult } from '../console/runCommand.ts'
import type { Terminal } from '../console/terminal.ts'
import { typedPath } from '../context.ts'
import { downloadFrames } from '../jobs/downloadFrames.ts'
import { followJob } from '../jobs/followJob.ts'
import type { SubmitOptions } from './submit.command.ts'

const stageTimeoutMs = 2 * durations.inspectTimeoutMs

/** Stages the scene at the running node, submits it, and on request waits for the job and downloads its pictures. */
export async function runSubmit(scene: string, options: SubmitOptions & { dataPath: string }, terminal: Terminal): Promise<CommandResult> {
  const frames = parseFrames(options.frames)
  if (!frames.ok) throw new AppErrorException(frames.error)
  const path = existingFile(scene)
  const instance = runningInstance(options.dataPath)

  terminal.say(`looking into ${path} …`)
  const staged = await askInstance(instance, 'scene.stageFile', { path }, runtimeAsks['scene.stageFile'].output, stageTimeoutMs)
  for (const warning of staged.warnings) terminal.say(`warning: ${warning.message} (${warning.code})`)
  const submitted = await askInstance(instance, 'scene.submit', submission(staged.stagedId, options), z.looseObject({ jobId: z.string() }))
  const value: JsonObject = {
    ...{ jobId: submitted.jobId, name: options.name ?? staged.name, frames: frames.value.length },
    warnings: staged.warnings.map(({ code, message }) => ({ code, message })),
  }
  terminal.print(`Submitted ${staged.name}: ${frames.value.length} frames, job ${submitted.jobId}`)
  if (options.wait !== true && options.out === undefined) return { value }

  const owner = ownerClient(options.dataPath, undefined)
  const job = await followJob(owner, submitted.jobId, terminal)
  const files = options.out === undefined ? [] : await downloadFrames(owner, job, typedPath(options.out), terminal)
  for (const file of files) terminal.print(file.path)
  return {
    value: { ...value, ...endOf(job), outputs: files.map(({ frame, path: file, sha256 }) => ({ frame, path: file, sha256 })) },
    exitCode: job.state === 'done' ? exitCodes.ok : exitCodes.jobIncomplete,
  }

  function endOf({ state, accepted, failed, error }: JobState): JsonObject {
    terminal.print(`The job ended as "${state}": ${accepted} of ${frames.ok ? frames.value.length : 0} frames`)
    if (error) terminal.say(`error: ${error.message} (${error.code})`)
    return { state, accepted, failed, ...(error ? { error: { code: error.code, message: error.message } } : {}) }
  }
}

function submission(stagedId: string, { frames, chunk, name, samples, width, height, format }: SubmitOptions): JsonObject {
  const settings = renderSettingsSchema.safeParse(JSON.parse(JSON.stringify({ samples, width, height, format })))
  if (!settings.success) {
    const issue = settings.error.issues[0]
    throw new AppErrorException(appError('REQUEST_INVALID', { reason: `--${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` }))
  }
  return { stagedId, frames, chunkSize: chunk, settings: settings.data as JsonObject, ...(name === undefined ? {} : { name }) }
}

function existingFile(scene: string): string {
  const path = typedPath(scene)
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return path
  throw new AppErrorException(appError('SCENE_NOT_FOUND', { path }))
}
