import { computed, toValue, type ComputedRef, type MaybeRefOrGetter } from 'vue'
import { useI18n } from 'vue-i18n'
import { useData } from '../../data/dataLink.ts'
import { useFormat } from '../../format/useFormat.ts'
import { useNow } from '../../format/useNow.ts'
import { useStatusText } from '../../status/useStatusText.ts'
import type { FleetRow } from '../workers/fleet.ts'

/** The one line under a worker's name: its status in words, and since when its line to the server is cut. */
export function useStatusLine(row: MaybeRefOrGetter<FleetRow | null>): ComputedRef<string> {
  const { t } = useI18n()
  const data = useData()
  const now = useNow()
  const format = useFormat()
  const textOf = useStatusText()
  return computed(() => {
    const value = toValue(row)
    if (!value) return ''
    const text = textOf(value.status, Math.max(now.value, data.peerNow()))
    const cut = value.status.lineCutSinceMs
    return cut === null ? text : `${text} ${t('status.lineCut', { time: format.value.time(cut) })}`
  })
}
