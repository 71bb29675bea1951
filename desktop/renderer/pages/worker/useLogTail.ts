import { shallowRef, watch, onScopeDispose, type Ref, type ShallowRef } from 'vue'
import { seriesTopic } from '#shared/sync/live.ts'
import { limits } from '#shared/sync/protocol.ts'
import { useData } from '../../data/dataLink.ts'
import { useTopic } from '../../data/useLive.ts'
import { appendText, byteLength, emptyTail, type LogTail } from './logTail.ts'

const firstBytes = 64 * 1024
/** What comes over the live channel may have gaps; the series itself is asked this often while it is shown. */
const checkMs = 5_000

/**
 * The end of a task's log, live. Text over the live channel is shown at once; the series is the truth, and is read again from the last
 * known offset regularly, so that what the lossy channel dropped appears too.
 */
export function useLogTail(taskId: Readonly<Ref<string | null>>): {
  tail: Readonly<ShallowRef<LogTail>>
  state: Readonly<ShallowRef<'loading' | 'shown' | 'away'>>
} {
  const data = useData()
  const tail = shallowRef<LogTail>(emptyTail)
  const state = shallowRef<'loading' | 'shown' | 'away'>('loading')
  /** Text shown from the live channel that the series has not confirmed yet. */
  let confirmed: LogTail = emptyTail
  let reading = false
  const seriesOf = (id: string): string => `log/${id}`

  async function read(): Promise<void> {
    const id = taskId.value
    if (id === null || reading) return
    reading = true
    const from = confirmed.end === 0 ? -firstBytes : confirmed.end
    const reply = await data.seriesRead(seriesOf(id), from, limits.seriesChunkBytes)
    reading = false
    if (taskId.value !== id) {
      void read()
      return
    }
    if (!reply.ok) {
      if (state.value === 'loading') state.value = 'away'
      return
    }
    state.value = 'shown'
    const { from: begin, text, size } = reply.value
    // A series that is shorter than what is shown was begun anew.
    if (size < confirmed.end) confirmed = emptyTail
    // The answer may begin earlier than asked, at a line's beginning.
    const end = begin + byteLength(text)
    if (end > confirmed.end) confirmed = appendText(begin < confirmed.end ? emptyTail : confirmed, text, end)
    tail.value = confirmed
  }

  watch(
    taskId,
    () => {
      tail.value = confirmed = emptyTail
      state.value = 'loading'
      void read()
    },
    { immediate: true },
  )
  watch(data.connection, (now) => {
    if (now.name === 'live') void read()
  })
  useTopic(
    () => (taskId.value === null ? null : seriesTopic(seriesOf(taskId.value))),
    (value) => {
      if (typeof value === 'string') tail.value = appendText(tail.value, value, tail.value.end)
    },
  )
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') void read()
  }, checkMs)
  onScopeDispose(() => clearInterval(timer))
  return { tail, state }
}
