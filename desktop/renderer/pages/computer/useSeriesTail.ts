import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { seriesTopic } from '#shared/sync/live.ts'
import { useData } from '../../data/dataLink.ts'
import { useTopic } from '../../data/useLive.ts'

const tailBytes = 32 * 1024
/** The live channel only says that something was appended; a burst is one reading. */
const settleMs = 300

/** The last lines of a series, live: read again whenever something is appended to it. `away`: it could not be read so far. */
export function useSeriesTail(series: Readonly<Ref<string>>): {
  lines: ComputedRef<readonly string[]>
  away: Readonly<ShallowRef<boolean>>
} {
  const data = useData()
  const text = shallowRef('')
  const away = shallowRef(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  const read = async (): Promise<void> => {
    const name = series.value
    const reply = await data.seriesRead(name, -tailBytes, tailBytes)
    if (name !== series.value) return
    if (reply.ok) text.value = reply.value.text
    away.value = !reply.ok && text.value === ''
  }
  const soon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => void read(), settleMs)
  }
  watch(
    series,
    () => {
      text.value = ''
      void read()
    },
    { immediate: true },
  )
  watch(data.connection, (now) => {
    if (now.name === 'live') soon()
  })
  useTopic(() => seriesTopic(series.value), soon)
  onScopeDispose(() => clearTimeout(timer))
  return { lines: computed(() => text.value.split('\n').filter((line) => line !== '')), away }
}
