import { watch } from 'vue'
import { useRouter } from 'vue-router'
import { useData } from '../../data/dataLink.ts'
import { useShell } from '../../shell/shellLink.ts'

/** The first window of the desktop app on a new computer opens on its set-up; a browser is only offered it (FirstSteps.vue). */
export function useFirstRun(): void {
  const data = useData()
  const shell = useShell()
  const router = useRouter()
  if (shell === undefined) return
  const stop = watch(
    data.connection,
    async (now) => {
      if (now.name !== 'live') return
      const reply = await data.call('computer.get', {})
      if (!reply.ok) return
      stop()
      // Whoever went elsewhere meanwhile knows what they want.
      if (reply.value.isSetUp === false && router.currentRoute.value.name === 'overview') await router.replace({ name: 'welcome' })
    },
    { immediate: true },
  )
}
