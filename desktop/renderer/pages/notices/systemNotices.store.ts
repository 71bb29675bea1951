import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

/** `cannot`: this browser has none, or the page came over a line it does not trust. `blocked`: the user once refused them for this page. */
export type SystemNoticesState = 'cannot' | 'blocked' | 'off' | 'on'

/** Whether notices are also shown by the system, in this browser. Off until somebody asks for it; the browser's question comes only on their click. */
export const useSystemNotices = defineStore('systemNotices', () => {
  const wanted = useLocalStorage('pictor.systemNotices', false)
  const possible = typeof Notification !== 'undefined' && window.isSecureContext
  const permission = ref<NotificationPermission>(possible ? Notification.permission : 'denied')
  const state = computed<SystemNoticesState>(() => {
    if (!possible) return 'cannot'
    if (permission.value === 'denied') return 'blocked'
    return wanted.value && permission.value === 'granted' ? 'on' : 'off'
  })
  async function turn(on: boolean): Promise<void> {
    wanted.value = on
    if (!on || !possible) return
    permission.value = Notification.permission === 'default' ? await Notification.requestPermission() : Notification.permission
  }
  return { state, turn }
})
