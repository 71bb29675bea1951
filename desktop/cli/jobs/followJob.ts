import { setTimeout as delay } from 'node:timers/promises'
import type { ServerClient } from '../../launch/serverClient.ts'
import type { JobState } from '#shared/collections/job.schema.ts'
import { appError, AppErrorException, toAppError } from '#shared/errors/appError.ts'
import { errorTraits } from '#shared/errors/appError.ts'
import { whyNobodyFits } from '#shared/rules/fit.ts'
import { progressBar } from '../console/progressBar.ts'
import type { Terminal } from '../console/terminal.ts'

const pollMs = 500
/** A job that none of the owner's workers can render may still find somebody else's; for so long it is waited for. */
const strangerWaitMs = 15_000
const ended: ReadonlySet<JobState['state']> = new Set(['done', 'failed', 'cancelled'])

/**
 * Follows a job to its end, with a bar on a terminal and a line per change elsewhere. A server that is away for a while is waited for.
 * Rejects with AppErrorException CANCELLED when `signal` says so, with an error that waiting does not mend, or with the reason why none of the
 * owner's workers can render the job (SCENE_NEEDS_DENOISER …), which then goes on waiting at the server.
 */
export async function followJob(owner: ServerClient, jobId: string, terminal: Terminal, signal?: AbortSignal): Promise<JobState> {
  const bar = progressBar(terminal, 'render')
  let said = ''
  const since = performance.now()
  try {
    for (;;) {
      const state = await readState(owner, jobId)
      if (state !== null) {
        const note = `${state.accepted} of ${state.total} frames${state.failed > 0 ? `, ${state.failed} failed` : ''}, ${state.state}`
        bar.update(state.total === 0 ? 0 : state.accepted / state.total, note)
        if (!terminal.interactive && note !== said) terminal.say(`render   ${note}`)
        said = note
        if (ended.has(state.state)) return state
        if (state.state === 'queued' && state.accepted === 0 && performance.now() - since > strangerWaitMs)
          await failUnlessFit(owner, jobId)
      }
      if (signal?.aborted === true) throw new AppErrorException(appError('CANCELLED'))
      await delay(pollMs, undefined, { ...(signal === undefined ? {} : { signal }) }).catch(() => undefined)
    }
  } finally {
    bar.finish()
  }
}

/** null: nothing is known of it yet, or the server is away. */
async function readState(owner: ServerClient, jobId: string): Promise<JobState | null> {
  try {
    return (await owner.documents('jobStates')).find(({ id }) => id === jobId) ?? null
  } catch (error) {
    if (errorTraits(toAppError(error).code).retry) return null
    throw error
  }
}

async function failUnlessFit(owner: ServerClient, jobId: string): Promise<void> {
  const [jobs, nodes] = [await owner.documents('jobs'), await owner.documents('nodes')]
  const job = jobs.find(({ id }) => id === jobId)
  const reason = job === undefined ? null : whyNobodyFits(job, nodes)
  if (reason !== null) throw new AppErrorException({ ...reason, details: { ...reason.details, jobId } })
}
