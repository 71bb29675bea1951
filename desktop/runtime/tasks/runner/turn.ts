import { isEnded } from '#shared/rules/runState.ts'
import { plan } from '../plan/plan.ts'
import type { RunnerContext } from '../taskRunner.ts'
import { perform } from './actions.ts'

const fetchSlots = 2
/** Far more than end while one write to the disk is under way; what is older is known from the disk. */
const endedKept = 1_000

/** One turn: look at the facts, plan, begin the actions. Turns never overlap; whatever happens asks for another one. */
export interface Turn {
  wake(): void
  stop(): void
}

export function createTurn(context: RunnerContext, changed: () => void): Turn {
  const { clock, serverClock, entries, journal, log } = context
  let asked = false
  let stopped = false
  let cancelTimer = () => undefined as void

  const turn = () => {
    asked = false
    if (stopped) return
    const nowMs = serverClock.latest()
    for (const [id] of entries) if (isEnded(journal.get(id)?.state ?? 'queued')) leave(context, id)
    const views = [...entries.values()].map(({ task, activity, fetched, notBeforeMs }) => ({
      task,
      run: journal.get(task.id),
      activity,
      fetched,
      notBeforeMs,
    }))
    const actions = plan({
      tasks: views,
      pause: context.pause().kind,
      held: context.holds.blocking(),
      blocked: context.blocked(),
      serverNowMs: nowMs,
      serverTimeKnown: serverClock.isKnown(),
      renderSlots: context.devices().length,
      avoidedJobs: new Set(context.lessons.avoided().flatMap(({ sort, value }) => (sort === 'job' ? [value] : []))),
      fetchSlots: context.transfers.hold() === null ? fetchSlots : 0,
    })
    for (const action of actions) {
      const work = perform(context, action)
        .catch((error: unknown) => {
          log.error('an action failed', { action: action.do, taskId: action.taskId, reason: String(error) })
          const entry = entries.get(action.taskId)
          // Not at once again, whatever it was.
          if (entry !== undefined) Object.assign(entry, { activity: 'none', notBeforeMs: serverClock.latest() + 30_000 })
        })
        .finally(() => {
          context.inFlight.delete(work)
          wake()
        })
      context.inFlight.add(work)
    }
    context.deliveries.wake()
    changed()
    sleep(nowMs)
  }
  const wake = () => {
    if (asked || stopped) return
    asked = true
    queueMicrotask(turn)
  }
  /** Until the next moment that changes the plan by itself: a back-off or a lease that ends. */
  const sleep = (nowMs: number) => {
    cancelTimer()
    const moments = [...entries.values()].flatMap(({ task, notBeforeMs }) => [notBeforeMs, task.lease.expiresAt]).filter((at) => at > nowMs)
    if (moments.length > 0) cancelTimer = clock.after(Math.min(Math.min(...moments) - nowMs + 10, 3_600_000), wake)
  }
  return {
    wake,
    stop() {
      stopped = true
      cancelTimer()
    },
  }
}

/** The run has ended: nothing more is remembered here; its documents stay. */
function leave({ entries, ended, journal, failures }: RunnerContext, taskId: string): void {
  entries.delete(taskId)
  ended.add(taskId)
  for (const oldest of ended) if (ended.size > endedKept) ended.delete(oldest)
  journal.forget(taskId)
  failures.forget(taskId)
}
