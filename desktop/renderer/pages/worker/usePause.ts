import { computed, toValue, type ComputedRef, type MaybeRefOrGetter } from 'vue'
import type { AppError } from '#shared/errors/appError.ts'
import { useData } from '../../data/dataLink.ts'
import type { FleetRow } from '../workers/fleet.ts'

export type PauseKind = 'now' | 'afterFrame' | 'hour' | 'tomorrow'

const hourMs = 3_600_000
const morningHour = 8

/** Until when a pause lasts; undefined: until somebody resumes. */
function pauseUntil(kind: PauseKind, nowMs: number): number | undefined {
  if (kind === 'hour') return nowMs + hourMs
  if (kind !== 'tomorrow') return undefined
  const morning = new Date(nowMs)
  morning.setDate(morning.getDate() + 1)
  morning.setHours(morningHour, 0, 0, 0)
  return morning.getTime()
}

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
  const heldCodes = new Set(['PAUSED_HERE', 'PAUSED_AT_NODE', 'LOCAL_PAUSE', 'PAUSED_BY_OWNER', 'OWNER_PAUSE'])
  const wanted = computed(() => toValue(row).worker.wanted)
  const holds = computed(() => toValue(row).node?.holds.some((hold) => heldCodes.has(hold.code)) ?? false)
  const wish = async (pause: 'none' | 'now' | 'afterFrame', untilMs: number | undefined): Promise<void> => {
    const { worker } = toValue(row)
    const { pauseUntil: _before, ...rest } = worker.wanted
    await data.edit('workers', worker.id, {
      wanted: { ...rest, generation: worker.wanted.generation + 1, pause, ...(untilMs === undefined ? {} : { pauseUntil: untilMs }) },
    })
  }
  return {
    paused: computed(() => wanted.value.pause !== 'none' || holds.value),
    pending: computed(
      () => !toValue(here) && toValue(row).node !== null && (toValue(row).node?.generationDone ?? 0) < wanted.value.generation,
    ),
    async pause(kind) {
      const untilMs = pauseUntil(kind, data.peerNow())
      if (toValue(here)) {
        const reply = await data.call('computer.pause', {
          kind: kind === 'now' ? 'now' : 'afterFrame',
          ...(untilMs === undefined ? {} : { untilMs }),
        })
        return reply.ok ? null : reply.error
      }
      await wish(kind === 'now' ? 'now' : 'afterFrame', untilMs)
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
