import { computed, toValue, type ComputedRef, type MaybeRefOrGetter } from 'vue'
import { useI18n } from 'vue-i18n'
import { useData } from '../../data/dataLink.ts'
import { useFormat } from '../../format/useFormat.ts'
import { useNow } from '../../format/useNow.ts'
import { useStatusText } from '../../status/useStatusText.ts'
import type { FleetRow } from '../workers/fleet.ts'
import { isHere } from '../workers/isHere.ts'
import type { TaskProgress } from '../workers/taskProgress.ts'

/** The one line under a worker's name: what it does or its status in words, and since when its line to the server is cut. */
export function useStatusLine(
  row: MaybeRefOrGetter<FleetRow | null>,
  progress: MaybeRefOrGetter<TaskProgress | null>,
): ComputedRef<string> {
  const { t } = useI18n()
  const data = useData()
  const now = useNow()
  const format = useFormat()
  const textOf = useStatusText()
  const taskLine = ({ frame, jobName, remainingMs }: TaskProgress): string => {
    if (frame === null) return t('worker.line.preparing', { job: jobName })
    return remainingMs === null
      ? t('worker.line.rendering', { frame, job: jobName })
      : t('worker.line.renderingEta', { frame, job: jobName, time: format.value.duration(remainingMs) })
  }
  return computed(() => {
    const value = toValue(row)
    if (!value) return ''
    const task = value.status.status === 'processing' ? toValue(progress) : null
    const text = task ? taskLine(task) : textOf(value.status, Math.max(now.value, data.peerNow()), isHere(data, value.id))
    const cut = value.status.lineCutSinceMs
    return cut === null ? text : `${text} ${t('status.lineCut', { time: format.value.time(cut) })}`
  })
}
