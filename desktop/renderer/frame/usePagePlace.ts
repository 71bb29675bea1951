import { useEventListener } from '@vueuse/core'
import { nextTick, onScopeDispose, type Ref } from 'vue'
import { useRouter } from 'vue-router'

/** What a page shows comes within this time, or it is not gone back to where it was. */
const patienceMs = 1_000
/** What scrolls: the page itself, or the table that fills it. */
const scrollersOf = (page: HTMLElement): (HTMLElement | null)[] => [page, page.querySelector<HTMLElement>('.table-box')]

/**
 * Where a page begins when it is gone to: at its top; back in the history where it was left. The keyboard goes on inside of the page when what had the
 * focus is gone with the page before.
 */
export function usePagePlace(page: Readonly<Ref<HTMLElement | null>>): void {
  const router = useRouter()
  const places = new Map<number, number[]>()
  const positionNow = (): number => Number((history.state as { position?: number } | null)?.position ?? 0)
  let position = positionNow()
  let isBack = false
  let frame = 0
  const end = (): void => cancelAnimationFrame(frame)
  // Whoever moves the page meanwhile has decided where it is.
  useEventListener(window, ['wheel', 'pointerdown', 'keydown'], end, { passive: true })
  useEventListener(window, 'popstate', () => (isBack = true))

  function restore(wanted: readonly number[], untilMs: number): void {
    const scrollers = page.value === null ? [] : scrollersOf(page.value)
    const isThere = wanted.every((top, index) => {
      const scroller = scrollers[index]
      return top === 0 || (scroller != null && scroller.scrollHeight - scroller.clientHeight >= top)
    })
    if (isThere) for (const [index, top] of wanted.entries()) scrollers[index]?.scrollTo({ top })
    else if (performance.now() < untilMs) frame = requestAnimationFrame(() => restore(wanted, untilMs))
  }

  const stops = [
    router.beforeEach(() => {
      if (page.value !== null)
        places.set(
          position,
          scrollersOf(page.value).map((scroller) => scroller?.scrollTop ?? 0),
        )
    }),
    router.afterEach(async (to, from) => {
      position = positionNow()
      const wanted = isBack ? places.get(position) : undefined
      isBack = false
      if (to.path === from.path) return
      end()
      await nextTick()
      page.value?.scrollTo({ top: 0 })
      if (wanted !== undefined) restore(wanted, performance.now() + patienceMs)
      if (document.activeElement === null || document.activeElement === document.body) page.value?.focus({ preventScroll: true })
    }),
  ]
  onScopeDispose(() => {
    end()
    for (const stop of stops) stop()
  })
}
