import { computed, toValue, type ComputedRef, type MaybeRefOrGetter } from 'vue'
import type { AppError } from '#shared/errors/appError.ts'
import { tomorrowMorning } from '#shared/rules/tomorrowMorning.ts'
import { useData } from '../../data/dataLink.ts'
import { useNow } from '../../format/useNow.ts'
import type { FleetRow } from '../workers/fleet.ts'

export type PauseKind = 'now' | 'afterFrame' | 'afterTask' | 'drain' | 'hour' | 'tomorrow'

const hourMs = 3_600_000

/** Until when a pause lasts; undefined: until somebody resumes. */
export function pauseUntil(kind: PauseKind, nowMs: number): number | undefined {
  if (kind === 'hour') return nowMs + hourMs
  return kind === 'tomorrow' ? tomorrowMorning(nowMs) : undefined
}

/** A pause with an end finishes the frame first. */
export const asWish = (kind: PauseKind): 'now' | 'afterFrame' | 'afterTask' | 'drain' =>
  kind === 'hour' || kind === 'tomorrow' ? 'afterFrame' : kind

/**
 * Pausing a worker: this computer at once through its runtime (works offline), any other by its owner's wish, which travels to it.
 * `pending`: the wish is on its way.
 */
export function usePause(
  row: MaybeRefOrGetter<FleetRow>,
  here: MaybeRefOrGetter<boolean>,
): {
  paused: ComputedRef<boolean>
  pending: ComputedRef<boolean>
  pause(kind: PauseKind): Promise<AppError | null>
  resume(): Promise<AppError | null>
} {
  const data = useData()
  const now = useNow()
  const wanted = computed(() => toValue(row).worker.wanted)
  /** A wish with an end is over by itself. */
  const wished = computed(() => wanted.value.pause !== 'none' && (wanted.value.pauseUntil ?? Infinity) > now.value)
  /** What was paused at a computer is resumed there: elsewhere there is nothing to resume. */
  const held = computed(() => {
    const node = toValue(row).node
    return toValue(here) && node?.stoppedAt === undefined && (node?.holds.some((hold) => hold.code === 'PAUSED_HERE') ?? false)
  })
  const wish = async (pause: 'none' | ReturnType<typeof asWish>, untilMs: number | undefined): Promise<void> => {
    await data.edit('workers', toValue(row).worker.id, ({ wanted: { pauseUntil: _before, ...rest } }) => ({
      wanted: { ...rest, generation: rest.generation + 1, pause, ...(untilMs === undefined ? {} : { pauseUntil: untilMs }) },
    }))
  }
  return {
    paused: computed(() => wished.value || held.value),
    pending: computed(
      () => !toValue(here) && toValue(row).node !== null && (toValue(row).node?.generationDone ?? 0) < wanted.value.generation,
    ),
    async pause(kind) {
      const untilMs = pauseUntil(kind, data.peerNow())
      if (toValue(here)) {
        const reply = await data.call('computer.pause', {
          kind: asWish(kind),
          ...(untilMs === undefined ? {} : { untilMs }),
        })
        return reply.ok ? null : reply.error
      }
      await wish(asWish(kind), untilMs)
      return null
    },
    async resume() {
      if (wanted.value.pause !== 'none') await wish('none', undefined)
      if (!toValue(here)) return null
      const reply = await data.call('computer.resume', {})
      return reply.ok ? null : reply.error
    },
  }
}
