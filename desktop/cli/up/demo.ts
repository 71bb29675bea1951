import { join } from 'node:path'
import { z } from 'zod'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import { microFromDocument } from '#shared/money.ts'
import type { Household } from '../../launch/household.ts'
import { exitCodes } from '../console/exitCodes.ts'
import type { Terminal } from '../console/terminal.ts'
import type { CommandResult } from '../console/runCommand.ts'
import { downloadFrames } from '../jobs/downloadFrames.ts'
import { followJob } from '../jobs/followJob.ts'
import { setTimeout as delay } from 'node:timers/promises'

const submitTimeoutMs = 120_000
const ledgerWaitMs = 30_000
const demoReply = z.looseObject({ jobId: z.string() })

/** Submits the demo scene as a job of this computer's owner. */
export async function submitDemo(house: Household): Promise<string> {
  const answer = await house.askNode('demo.render', {}, submitTimeoutMs)
  if (!answer.ok) throw new AppErrorException(answer.error)
  return demoReply.parse(answer.value).jobId
}

/** Waits for the demo job, downloads its pictures and sums up what the ledger says: frames, tasks, total, outputs. */
export async function finishDemo(
  house: Household,
  jobId: string,
  outputs: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<CommandResult> {
  const job = await followJob(house.owner, jobId, terminal, signal)
  const files = await downloadFrames(house.owner, job, join(outputs, jobId), terminal)
  const entries = await selfRenderEntries(house, jobId, job.accepted)
  const totalMicro = entries.reduce((sum, entry) => sum + microFromDocument(entry.grossMicro), 0n)
  const value: JsonObject = {
    frames: job.accepted,
    tasksAccepted: entries.length,
    ledgerTotalMicro: String(totalMicro),
    outputs: files.map(({ path, sha256 }) => ({ path, sha256 })),
  }
  terminal.print(`${job.accepted} of ${job.total} frames in ${entries.length} tasks, worth ${totalMicro} micro-PICTOR (own render)`)
  for (const { path } of files) terminal.print(path)
  if (job.state !== 'done')
    throw new AppErrorException(appError('JOB_INVALID', { reason: job.error?.message ?? `the demo job ended as "${job.state}"` }))
  return { value, exitCode: exitCodes.ok }
}

/** The ledger follows the last frame in a moment: waited for until it pays every accepted frame. */
async function selfRenderEntries(house: Household, jobId: string, accepted: number) {
  const deadline = performance.now() + ledgerWaitMs
  for (;;) {
    const entries = (await house.owner.documents('earnings')).filter((entry) => entry.jobId === jobId && entry.kind === 'selfRender')
    if (entries.reduce((sum, { frames }) => sum + frames, 0) >= accepted) return entries
    if (performance.now() > deadline)
      throw new AppErrorException(appError('TIMED_OUT', { what: 'the ledger', seconds: ledgerWaitMs / 1_000 }))
    await delay(200)
  }
}
