import { onScopeDispose, shallowRef, toValue, watch, type MaybeRefOrGetter, type ShallowRef } from 'vue'
import type { JsonValue } from '#shared/json.ts'
import { nodeTopic, type LiveNode } from '#shared/sync/live.ts'
import { useData } from './dataLink.ts'

/** A row that scrolls past quickly need not ask for live values. */
export const settleMs = 250
/** A live value older than this is not live any more. */
export const liveForMs = 20_000

/** Listens to a live topic while the component lives; the topic may change, null listens to nothing. */
export function useTopic(topic: MaybeRefOrGetter<string | null>, listener: (value: JsonValue) => void, delayMs = 0): void {
  const data = useData()
  let stop: (() => void) | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const end = (): void => {
    clearTimeout(timer)
    stop?.()
    stop = undefined
  }
  watch(
    () => toValue(topic),
    (wanted) => {
      end()
      if (wanted === null) return
      if (delayMs === 0) stop = data.watch(wanted, listener)
      else timer = setTimeout(() => (stop = data.watch(wanted, listener)), delayMs)
    },
    { immediate: true },
  )
  onScopeDispose(end)
}

/** The newest hot values of a node; null until some arrive, and again for another node. */
export function useLiveNode(nodeId: MaybeRefOrGetter<string | null>): Readonly<ShallowRef<LiveNode | null>> {
  const newest = shallowRef<LiveNode | null>(null)
  watch(
    () => toValue(nodeId),
    () => (newest.value = null),
  )
  useTopic(
    () => {
      const id = toValue(nodeId)
      return id === null ? null : nodeTopic(id)
    },
    (value) => {
      // The topic's values are LiveNode by the contract of shared/sync/live.ts.
      newest.value = value as unknown as LiveNode
    },
    settleMs,
  )
  return newest
}
