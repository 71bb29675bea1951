import { computed, toValue, type ComputedRef, type MaybeRefOrGetter } from 'vue'
import type { AppError } from '#shared/errors/appError.ts'
import { mayBeLifted } from '#shared/rules/preferenceHolds.ts'
import { useData } from '../../data/dataLink.ts'
import { useNow } from '../../format/useNow.ts'
import type { FleetRow } from '../workers/fleet.ts'

const hourMs = 3_600_000

/** Working although a preference would hold it, for an hour: this computer at once through its runtime, any other by its owner's wish. */
export function useWorkAnyway(
  row: MaybeRefOrGetter<FleetRow>,
  here: MaybeRefOrGetter<boolean>,
): {
  /** Something holds it that a person may lift. */
  offered: ComputedRef<boolean>
  untilMs: ComputedRef<number | null>
  begin(): Promise<AppError | null>
  end(): Promise<AppError | null>
} {
  const data = useData()
  const now = useNow()
  const node = computed(() => (toValue(row).node?.stoppedAt === undefined ? toValue(row).node : null))
  const untilMs = computed(() => {
    const until = Math.max(node.value?.workAnywayUntil ?? 0, toValue(row).worker.wanted.workAnywayUntil ?? 0)
    return until > Math.max(now.value, data.peerNow()) ? until : null
  })
  const change = async (until: number | null): Promise<AppError | null> => {
    const wished = toValue(row).worker.wanted.workAnywayUntil !== undefined
    if (!toValue(here) || (until === null && wished))
      await data.edit('workers', toValue(row).worker.id, ({ wanted: { workAnywayUntil: _before, ...rest } }) => ({
        wanted: { ...rest, generation: rest.generation + 1, ...(until === null ? {} : { workAnywayUntil: until }) },
      }))
    if (!toValue(here)) return null
    const reply = await data.call('computer.workAnyway', { untilMs: until })
    return reply.ok ? null : reply.error
  }
  return {
    offered: computed(() => untilMs.value === null && (node.value?.holds.some(({ code }) => mayBeLifted(code)) ?? false)),
    untilMs,
    begin: () => change(data.peerNow() + hourMs),
    end: () => change(null),
  }
}
