import { onScopeDispose, readonly, ref, type Ref } from 'vue'

/** One ticking clock for all ages on the page; it stands still while nobody looks. */
const now = ref(Date.now())
let users = 0
let timer: ReturnType<typeof setInterval> | undefined

const tick = (): void => void (now.value = Date.now())

/** Nobody looks: not even a timer runs. */
function look(): void {
  clearInterval(timer)
  timer = undefined
  if (document.visibilityState !== 'visible') return
  tick()
  timer = setInterval(tick, 1_000)
}

function start(): void {
  look()
  document.addEventListener('visibilitychange', look)
}

function stop(): void {
  clearInterval(timer)
  timer = undefined
  document.removeEventListener('visibilitychange', look)
}

/** The present, refreshed once a second while a component that uses it lives. */
export function useNow(): Readonly<Ref<number>> {
  if (users === 0) start()
  users += 1
  onScopeDispose(() => {
    users -= 1
    if (users === 0) stop()
  })
  return readonly(now)
}
