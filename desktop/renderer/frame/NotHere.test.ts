import { mount } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import { shallowRef } from 'vue'
import type { SessionInfo } from '#shared/api/gatewayRoutes.ts'
import { createWords } from '../words/languages.ts'
import NotHere from './NotHere.vue'
import { sessionKey } from './session.ts'

const show = (info: Partial<SessionInfo> | null) => {
  const signOut = vi.fn(async () => undefined)
  const wrapper = mount(NotHere, {
    props: { icon: 'i-lucide-server-off', title: 'There is no worker with this id here.', to: 'workers' },
    global: {
      plugins: [createWords().plugin],
      // Safe: only the name is looked at.
      provide: { [sessionKey as symbol]: { info: shallowRef(info as SessionInfo | null), signOut } },
      stubs: { Icon: true, RouterLink: { template: '<a><slot /></a>' } },
    },
  })
  return { wrapper, signOut }
}

describe('NotHere', () => {
  it('says who asks, as text, and lets them ask as somebody else', async () => {
    const { wrapper, signOut } = show({ ownerName: '<b>Bob</b>' })
    expect(wrapper.text()).toContain('Signed in as <b>Bob</b>.')
    await wrapper.get('[data-testid=sign-in-other]').trigger('click')
    expect(signOut).toHaveBeenCalledOnce()
  })
  it('offers no other sign-in where the page needs none', () => {
    const { wrapper } = show(null)
    expect(wrapper.find('button').exists()).toBe(false)
    expect(wrapper.find('a').text()).toBe('Workers')
  })
})
