import { expect, it } from 'vitest'
import { appError } from '#shared/errors/appError.ts'
import type { UpdateState } from '#shared/updates/updateState.ts'
import { leaves } from '#shared/words/differences.ts'
import { enDesktop } from '../words/en.desktop.ts'
import { updateText } from './updateText.ts'

const release = { version: '2.0.0', releaseNotes: null }
const states: UpdateState[] = [
  ...(['noFeed', 'noKey', 'notPackaged', 'switchedOff', 'packageManager'] as const).map((reason) => ({
    name: 'disabled' as const,
    reason,
  })),
  { name: 'idle', checkedAt: null, problem: null },
  { name: 'idle', checkedAt: 1, problem: appError('UPDATE_DAMAGED', { version: '2' }) },
  { name: 'checking' },
  { name: 'available', release, problem: null },
  { name: 'downloading', release, percent: 41.6 },
  { name: 'downloaded', release, problem: null },
  { name: 'draining', release, deadlineAt: 1 },
  { name: 'restarting', release },
]

it('has a sentence for every state, with everything it is filled with', () => {
  const words = new Map(leaves(enDesktop))
  for (const state of states) {
    const { key, values } = updateText(state, () => '12:00')
    const sentence = words.get(key)
    expect(sentence, key).toBeDefined()
    expect(Object.keys(values).sort(), key).toEqual([...(sentence ?? '').matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort())
  }
  expect(updateText({ name: 'downloading', release, percent: 41.6 }, String).values['percent']).toBe('42')
})
