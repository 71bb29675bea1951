import { durations } from '#shared/durations.ts'
import { toAppError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { GatewayService } from '../gatewayContext.ts'
import { waitAtMost } from '../jobs/waitAtMost.ts'
import type { ProjectionStore } from '../projection/projection.ts'
import type { CouchDocumentStore } from '../store/couchDocumentStore.ts'
import { archiveOnce } from './archiveOnce.ts'

type Turn = { id: string; gatewayId: string; until: number }
const turnId = 'archive-turn'

/** Puts old documents away, a bounded run at a time: a while after the start, then once an hour, and soon again while there is more. */
export function createArchiveService(parts: {
  store: CouchDocumentStore
  projection: ProjectionStore
  gatewayId: string
  clock: Clock
  log: Logger
}): GatewayService {
  const { store, gatewayId, clock, log } = parts
  let cancel: () => void = () => undefined
  let running: Promise<void> = Promise.resolve()
  let stopped = false

  /** Of several gateways on one CouchDB one does it. Two at once would do no harm, but everything twice. */
  async function isMyTurn(): Promise<boolean> {
    const nowMs = clock.now()
    const turn = await store.updatePrivate<Turn>('server', turnId, (current) =>
      current !== null && current.gatewayId !== gatewayId && current.until > nowMs
        ? null
        : { id: turnId, gatewayId, until: nowMs + durations.archiveTurnMs },
    )
    return turn?.gatewayId === gatewayId
  }

  async function run(): Promise<boolean> {
    if (!(await isMyTurn())) return false
    const { archived, more } = await archiveOnce({ ...parts, nowMs: clock.now() })
    if (archived > 0) log.info('old documents were put away', { documents: archived, more })
    return more
  }

  function plan(delayMs: number): void {
    cancel = clock.after(delayMs, () => {
      running = run()
        .catch((thrown: unknown) => {
          log.warn('old documents are put away later', { reason: toAppError(thrown).message })
          return false
        })
        .then((more) => {
          if (!stopped) plan(more ? durations.archivePauseMs : durations.archiveIntervalMs)
        })
    })
  }

  return {
    name: 'archive',
    async start() {
      plan(durations.archiveFirstMs)
    },
    async stop() {
      stopped = true
      cancel()
      await waitAtMost(clock, durations.processStopTimeoutMs / 4, running)
    },
  }
}
