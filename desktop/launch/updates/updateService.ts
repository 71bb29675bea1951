import type { AppError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { initialUpdateState, nextUpdateState, type UpdateEvent, type UpdateState, type UpdatesOff } from '#shared/updates/updateState.ts'
import type { UpdateEngine } from './updateEngine.ts'

export interface UpdateServiceOptions {
  engine: UpdateEngine
  clock: Clock
  log: Logger
  /** 0 ≤ x < 1 */
  random: () => number
  onState: (state: UpdateState) => void
  /** May a found release be loaded and installed without asking? */
  automatic: () => boolean
  /** Finishes what is being rendered, at most until the deadline; resolves when nothing is lost by a restart. */
  drain: (deadlineAt: number) => Promise<void>
  /** The drain was for nothing: work goes on. */
  undrain: () => void
  /** The system is going down: nothing is installed then. */
  isSystemEnding: () => boolean
  /** The system asks for a password before it installs this kind of package (deb, rpm): only a person who is there starts that. Default: false. */
  asksForPassword?: boolean
  /** How long a restart waits for the frame in progress; default `drainDeadlineMs`. */
  drainMs?: number
}

export interface UpdateService {
  state(): UpdateState
  start(): void
  /** Looks now. */
  check(): Promise<void>
  download(): Promise<void>
  /** Drains, confirms, restarts into the downloaded version. */
  restart(): Promise<void>
  /** The restart was stopped by a person or the system: the update stays ready. */
  veto(): void
  disable(reason: UpdatesOff): void
  enable(): void
  stop(): void
}

export const checkEveryMs = 4 * 3_600_000
const firstCheckMs = 60_000
export const drainDeadlineMs = 6 * 3_600_000

/** Drives the machine of shared/updates/updateState.ts. */
export function createUpdateService(options: UpdateServiceOptions): UpdateService {
  const { engine, clock, log, random, onState, automatic, drain, undrain, isSystemEnding, drainMs = drainDeadlineMs } = options
  const { asksForPassword = false } = options
  let state = initialUpdateState
  let cancelTimer: (() => void) | null = null

  /** False when the event does not belong into the state; then nothing more is done. */
  function happen(event: UpdateEvent): boolean {
    const next = nextUpdateState(state, event)
    if (next === null) return false
    if (next.name !== state.name) log.info('update', { from: state.name, to: next.name })
    state = next
    onState(state)
    return true
  }
  const refused = (problem: AppError) => happen({ kind: 'refused', at: clock.now(), problem })
  const failed = (problem: AppError) => happen({ kind: 'failed', at: clock.now(), problem })
  const isFinal = ({ code }: AppError) => code !== 'UPDATE_FEED_UNREACHABLE' && code !== 'UPDATE_DAMAGED'

  async function check(): Promise<void> {
    if (!happen({ kind: 'check' })) return
    const found = await engine.check()
    if (!found.ok) return void (isFinal(found.error) ? refused(found.error) : failed(found.error))
    if (found.value === null) return void happen({ kind: 'nothing', at: clock.now() })
    if (happen({ kind: 'found', release: found.value }) && automatic()) await download()
  }
  async function download(): Promise<void> {
    if (!happen({ kind: 'download' })) return
    const loaded = await engine.download((percent) => happen({ kind: 'progress', percent }))
    if (!loaded.ok) return void (isFinal(loaded.error) ? refused(loaded.error) : failed(loaded.error))
    if (happen({ kind: 'downloaded' }) && automatic() && !asksForPassword) await restart()
  }
  async function restart(): Promise<void> {
    if (isSystemEnding()) return
    const deadlineAt = clock.now() + drainMs
    if (!happen({ kind: 'drain', deadlineAt })) return
    await drain(deadlineAt)
    const confirmed = await engine.confirm()
    if (!confirmed.ok) {
      undrain()
      return void refused(confirmed.error)
    }
    if (isSystemEnding()) return veto()
    if (!happen({ kind: 'drained' })) return
    const installed = engine.install()
    if (installed.ok) return
    undrain()
    failed(installed.error)
  }
  function veto(): void {
    if (happen({ kind: 'vetoed' })) undrain()
  }
  function waitFor(ms: number): void {
    cancelTimer = clock.after(ms, () => {
      void check().finally(() => waitFor(checkEveryMs * (0.75 + random() / 2)))
    })
  }

  return {
    ...{ check, download, restart, veto },
    state: () => state,
    start: () => waitFor(firstCheckMs * (0.5 + random())),
    disable: (reason) => void happen({ kind: 'disable', reason }),
    enable: () => void happen({ kind: 'enable' }),
    stop() {
      cancelTimer?.()
      cancelTimer = null
    },
  }
}
