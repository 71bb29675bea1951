import { shallowRef } from 'vue'
import { describe, expect, it, vi } from 'vitest'
import { collectionNames } from '#shared/collections/collections.ts'
import type { Lists } from '../../data/lists.ts'
import { gatherAll } from './gatherAll.ts'

function makeLists(loadedAfter: (name: string) => boolean) {
  const released: string[] = []
  const states = new Map<string, { value: boolean }>()
  const lists = {
    take: (name: string) => {
      const loaded = shallowRef(loadedAfter(name))
      states.set(name, loaded)
      return { list: { documents: shallowRef([{ id: `${name}-1` }]), loaded }, release: () => released.push(name) }
    },
    stop: () => undefined,
  } as unknown as Lists
  return { lists, released, states }
}

describe('gatherAll', () => {
  it('takes every collection and gives every query back', async () => {
    const { lists, released, states } = makeLists((name) => name !== 'jobs')
    const gathering = gatherAll(lists)
    await vi.waitFor(() => expect(states.has('jobs')).toBe(true))
    const jobs = states.get('jobs')
    if (jobs) jobs.value = true
    const all = await gathering
    expect(Object.keys(all.collections).sort()).toEqual([...collectionNames].sort())
    expect(all.collections['jobs']).toEqual([{ id: 'jobs-1' }])
    expect(all.incomplete).toEqual([])
    expect(released.sort()).toEqual([...collectionNames].sort())
  })
  it('says what had not arrived instead of waiting for ever', async () => {
    vi.useFakeTimers()
    try {
      const { lists } = makeLists((name) => name !== 'rollups')
      const gathering = gatherAll(lists)
      await vi.runAllTimersAsync()
      expect((await gathering).incomplete).toEqual(['rollups'])
    } finally {
      vi.useRealTimers()
    }
  })
})
