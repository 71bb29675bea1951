import { expect, it } from 'vitest'
import { updatesOff, type UpdateState } from '#shared/updates/updateState.ts'
import { en as messages } from '../../words/en.ts'
import { programLine } from './programLine.ts'

const lookUp = (key: string): unknown => key.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], messages)
const names: UpdateState['name'][] = ['idle', 'checking', 'available', 'downloading', 'downloaded', 'draining', 'restarting']

it('has a sentence for every state and every reason, and a time where it looked', () => {
  for (const state of names) expect(lookUp(programLine({ state, version: '1.2.3' }, String).key), state).toBeTypeOf('string')
  const off = updatesOff.map((reason) => programLine({ state: 'disabled', reason }, String).key)
  expect(new Set(off).size).toBe(updatesOff.length)
  for (const key of off) expect(lookUp(key), key).toBeTypeOf('string')
  expect(programLine({ state: 'idle', checkedAt: 5 }, (at) => `at ${at}`)).toEqual({
    ...{ key: 'update.states.checkedAt', values: { time: 'at 5' } },
  })
})
