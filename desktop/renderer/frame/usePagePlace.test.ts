import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { defineComponent, h, useTemplateRef } from 'vue'
import { createRouter, createWebHashHistory, RouterView } from 'vue-router'
import { usePagePlace } from './usePagePlace.ts'

const page = (text: string) => defineComponent(() => () => h('button', text))
const Frame = defineComponent(() => {
  const element = useTemplateRef<HTMLElement>('page')
  usePagePlace(element)
  return () => h('main', { ref: 'page', tabindex: -1 }, [h(RouterView)])
})

async function open() {
  location.hash = ''
  const router = createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', component: page('list') },
      { path: '/one', component: page('one') },
    ],
  })
  const wrapper = mount(Frame, { global: { plugins: [router] }, attachTo: document.body })
  await router.isReady()
  const main = wrapper.get('main').element as HTMLElement
  // Nothing is laid out here: the page is said to be long.
  Object.defineProperties(main, { scrollHeight: { value: 2_000 }, clientHeight: { value: 500 } })
  const go = async (step: () => unknown): Promise<void> => {
    const arrived = new Promise<void>((resolve) => {
      const stop = router.afterEach(() => {
        stop()
        resolve()
      })
    })
    await step()
    await arrived
    await flushPromises()
  }
  return { router, wrapper, main, go }
}

describe('usePagePlace', () => {
  let close = (): void => undefined
  afterEach(() => close())

  it('begins each page at its top, and goes back to where one was', async () => {
    const { router, wrapper, main, go } = await open()
    close = () => wrapper.unmount()
    main.scrollTop = 700
    await go(() => router.push('/one'))
    expect(main.scrollTop).toBe(0)
    await go(() => router.back())
    expect(main.scrollTop).toBe(700)
    // The same page with another question in its address stays where it is.
    await go(() => router.replace({ path: '/', query: { tab: 'x' } }))
    expect(main.scrollTop).toBe(700)
  })

  it('gives the keyboard the page when what had the focus went with the page before, and only then', async () => {
    const { router, wrapper, main, go } = await open()
    close = () => wrapper.unmount()
    wrapper.get('button').element.focus()
    await go(() => router.push('/one'))
    expect(document.activeElement).toBe(main)
    const elsewhere = document.body.appendChild(document.createElement('input'))
    elsewhere.focus()
    await go(() => router.push('/'))
    expect(document.activeElement).toBe(elsewhere)
    elsewhere.remove()
  })
})
