import { onScopeDispose, readonly, ref, type Ref } from 'vue'

/** One ticking clock for all ages on the page; it stands still while nobody looks. */
const now = ref(Date.now())
let users = 0
let timer: ReturnType<typeof setInterval> | undefined

const tick = (): void => {
  if (document.visibilityState === 'visible') now.value = Date.now()
}

function start(): void {
  timer = setInterval(tick, 1_000)
  document.addEventListener('visibilitychange', tick)
}

function stop(): void {
  clearInterval(timer)
  timer = undefined
  document.removeEventListener('visibilitychange', tick)
}

/** The present, refreshed once a second while a component that uses it lives. */
export function useNow(): Readonly<Ref<number>> {
  if (users === 0) {
    tick()
    start()
  }
  users += 1
  onScopeDispose(() => {
    users -= 1
    if (users === 0) stop()
  })
  return readonly(now)
}
