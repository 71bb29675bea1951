import type { Clock, Logger } from '#shared/log.ts'
import {
  integrityLimits,
  judgeIntegrity,
  nothingSuspected,
  type IntegrityLimits,
  type IntegrityMoment,
  type IntegrityState,
} from '#shared/rules/integrity.ts'
import type { RenderDevice } from '../engines/engine.ts'
import type { Blocks } from './blocks.ts'
import type { CardLoad } from './foreignLoad.ts'
import type { IntegrityLook } from './integrityLook.ts'

const lookEveryMs = 5_000

export interface WatchIntegrityOptions {
  look: IntegrityLook
  blocks: Blocks
  /** What renders for the network at this moment, and on what. */
  renders: () => readonly RenderDevice[]
  clock: Clock
  log: Logger
  limits?: IntegrityLimits
}

export interface IntegrityWatch {
  /** Work began or ended. */
  wake(): void
  stop(): void
}

/**
 * Applies the network's rule against double use: looks at this computer's other programs only while something renders for the network, and
 * begins a block when the rule says so. Ends nobody's program. While nothing renders, or what renders is suspended, nothing is looked at.
 */
export function watchIntegrity({ look, blocks, renders, clock, log, limits = integrityLimits }: WatchIntegrityOptions): IntegrityWatch {
  let state: IntegrityState = nothingSuspected
  let cancel: (() => void) | null = null
  let stopped = false
  const watched = () => !stopped && renders().length > 0 && blocks.current() === null
  const rest = () => {
    state = nothingSuspected
    look.stop()
  }
  const examine = async () => {
    const { programs, cards } = await look.look()
    const on = renders()
    // It may have ended, or been suspended, while it was looked.
    if (!watched()) return
    const judged = judgeIntegrity(state, momentOf(clock.monotonicMs(), on, programs, cards), limits)
    state = judged.state
    if (judged.verdict === null) return
    const block = blocks.begin(judged.verdict)
    log.warn('this node is blocked', { code: block.code, until: block.until, ...block.evidence })
  }
  const run = () => {
    cancel = () => undefined
    examine()
      .catch((error: unknown) => log.warn('other programs could not be looked at', { reason: String(error) }))
      .finally(() => {
        cancel = null
        if (watched()) cancel = clock.after(lookEveryMs, run)
        else rest()
      })
  }
  return {
    wake() {
      if (cancel === null && watched()) run()
    },
    stop() {
      stopped = true
      cancel?.()
      rest()
    },
  }
}

/** The busiest of the cards that are rendered on counts. */
function momentOf(
  atMs: number,
  on: readonly RenderDevice[],
  programs: IntegrityMoment['programs'],
  cards: ReadonlyMap<string, CardLoad>,
): IntegrityMoment {
  const gpus = on.flatMap((device) => (device.kind === 'gpu' ? [device] : []))
  // A slot that is not limited to a card uses them all.
  const all = gpus.some(({ visible }) => visible === undefined)
  const used = [...cards].filter(([uuid]) => all || gpus.some(({ visible }) => visible?.includes(uuid) === true))
  const busiest = used.map(([, load]) => load).sort((a, b) => b.percent - a.percent)[0]
  return {
    atMs,
    processing: on.length > 0,
    programs,
    foreignGpuPercent: gpus.length === 0 ? null : (busiest?.percent ?? null),
    foreignGpuProgram: busiest?.program ?? null,
  }
}
