import { onScopeDispose, shallowRef, toValue, watch, type MaybeRefOrGetter, type ShallowRef } from 'vue'
import type { GatewayInput, GatewayOutput } from '#shared/api/gatewayCalls.ts'
import { useData } from './dataLink.ts'
import { summaryPrefix } from './keptSummaries.ts'

type SummaryCall = 'fleet.totals' | 'fleet.activity' | 'earnings.totals' | 'earnings.sums'

/** A sum that changes is asked for again at most this often, unless it says otherwise. */
const shortestMs = 3_000
/** One that could not be had is tried again after this. */
const againMs = 15_000
/** For these it would be of no use. */
const isFinal = (code: string): boolean => ['NOT_FOUND', 'NOT_ALLOWED', 'REQUEST_INVALID'].includes(code)
/** Kept from page to page, and in the browser, so that there is something to show before and without a line. */
const known = new Map<string, unknown>()
const mostKnown = 60
/** What is larger is not kept in the browser's small storage. */
const keptCharacters = 1_500_000

/**
 * A sum over documents that the page does not hold, from its server: asked for when there is a line, and again when `changes` does. The last
 * answer stays while there is none. A null input asks for nothing.
 * @param slot where the browser keeps the last answer; two that live at a time on one page have two
 */
export function useSummary<Name extends SummaryCall>(
  name: Name,
  input: MaybeRefOrGetter<GatewayInput<Name> | null>,
  changes: () => unknown = () => null,
  { slot = name, leastMs = shortestMs }: { slot?: string; leastMs?: number } = {},
): Readonly<ShallowRef<GatewayOutput<Name> | null>> {
  const data = useData()
  // Safe: Vue's own type takes a generic value apart, which it stays in one piece.
  const answer = shallowRef(null) as ShallowRef<GatewayOutput<Name> | null>
  let timer: ReturnType<typeof setTimeout> | undefined
  let askedAt = Number.NEGATIVE_INFINITY

  const keyOf = (): string | null => {
    const wanted = toValue(input)
    return wanted === null ? null : `${data.hello.value?.ownerId ?? ''} ${name} ${JSON.stringify(wanted)}`
  }
  async function ask(): Promise<void> {
    timer = undefined
    const wanted = toValue(input)
    const key = keyOf()
    if (wanted === null || key === null || data.connection.value.name !== 'live') return
    askedAt = performance.now()
    // Safe: the call's input and output are of its name.
    const reply = await data.call(name, wanted as never)
    if (key !== keyOf()) return
    if (!reply.ok) {
      if (!isFinal(reply.error.code)) timer ??= setTimeout(() => void ask(), againMs)
      return
    }
    answer.value = reply.value
    remember(key, slot, answer.value)
  }
  watch(
    [keyOf, () => data.connection.value.name === 'live', () => data.uplink.value?.state, changes],
    ([key], [before]) => {
      if (key === null) return void (answer.value = null)
      const isOther = key !== before
      // An answer to another question is none.
      if (isOther) answer.value = recall(key, slot) as GatewayOutput<Name> | null
      // Whoever chose something else does not wait for the next look at what changes.
      if (isOther) clearTimeout(timer)
      if (isOther || timer === undefined)
        timer = setTimeout(() => void ask(), isOther ? 0 : Math.max(0, askedAt + leastMs - performance.now()))
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
  return answer
}

function remember(key: string, slot: string, value: unknown): void {
  known.delete(key)
  known.set(key, value)
  for (const oldest of known.keys()) {
    if (known.size <= mostKnown) break
    known.delete(oldest)
  }
  const text = JSON.stringify({ key, value })
  try {
    if (text.length <= keptCharacters) localStorage.setItem(summaryPrefix + slot, text)
  } catch {
    // The browser's storage is full: without a line there will be no sum.
    localStorage.removeItem(summaryPrefix + slot)
  }
}

function recall(key: string, slot: string): unknown {
  const held = known.get(key)
  if (held !== undefined) return held
  try {
    const kept = JSON.parse(localStorage.getItem(summaryPrefix + slot) ?? 'null') as { key: string; value: unknown } | null
    return kept?.key === key ? kept.value : null
  } catch {
    return null
  }
}
