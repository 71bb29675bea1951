import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { defineComponent, h, nextTick, shallowRef } from 'vue'
import type { ShellState, StartingPart } from '#shared/api/shellCalls.ts'
import { appError } from '#shared/errors/appError.ts'
import { clientStates, type ClientState } from '#shared/sync/clientState.ts'
import { dataKey, type DataLink } from '../data/dataLink.ts'
import { useNothingToShow } from '../frame/useNothingToShow.ts'
import { usePartNames } from '../frame/usePartNames.ts'
import { useSyncPill } from '../frame/useSyncPill.ts'
import { createWords } from '../words/languages.ts'
import { shellKey, type ShellLink } from './shellLink.ts'

const away = clientStates.offline(1, appError('SERVER_UNREACHABLE', { server: 'peer' }), 2)

/** The kind of the pill, what it names, and whether there is nothing to show, in the window of an app that is starting `parts`. */
function open(parts: StartingPart[]) {
  const state = shallowRef({ node: 'starting', starting: parts } as unknown as ShellState)
  const connection = shallowRef<ClientState>(away)
  // Safe: what the two use of them.
  const data = {
    place: 'runtime',
    connection,
    lists: shallowRef(null),
    uplink: shallowRef(null),
    catchingUp: shallowRef(null),
  } as unknown as DataLink
  const shell = { state } as unknown as ShellLink
  const Both = defineComponent(() => {
    const nothing = useNothingToShow()
    const pill = useSyncPill()
    const names = usePartNames()
    return () => h('p', `${pill.value.kind}, ${pill.value.kind === 'starting' ? names(pill.value.parts ?? []) : ''}, ${nothing.value}`)
  })
  const wrapper = mount(Both, {
    global: { plugins: [createWords().plugin], provide: { [dataKey as symbol]: data, [shellKey as symbol]: shell } },
  })
  return { state, look: () => wrapper.text() }
}

it('while the node is being started the page stands with its places empty, and its pill says what is started', async () => {
  const { state, look } = open(['runtime', 'store'])
  expect(look()).toBe('starting, worker and database, false')
  state.value = { ...state.value, starting: ['runtime', 'gateway'] }
  await nextTick()
  expect(look()).toBe('starting, worker and server, false')
  // Up, and yet not reached: that is said as ever.
  state.value = { ...state.value, node: 'up', starting: [] }
  await nextTick()
  expect(look()).toBe('noRuntime, , true')
})
