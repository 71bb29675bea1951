import { shallowRef } from 'vue'
import { describe, expect, it, vi } from 'vitest'
import { collectionNames } from '#shared/collections/collections.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok } from '#shared/result.ts'
import type { DataLink } from '../../data/dataLink.ts'
import type { Lists } from '../../data/sharedLists.ts'
import { exportAll, type ExportAllOptions } from './exportAll.ts'

const earnings = Array.from({ length: 2_400 }, (_, index) => ({ id: `e-${9_999 - index}`, createdAt: 9_999 - index }))

function makeLists(loadedAfter: (name: string) => boolean = () => true) {
  const released: string[] = []
  const states = new Map<string, { value: boolean }>()
  const lists = {
    take: (name: string) => {
      const loaded = shallowRef(loadedAfter(name))
      states.set(name, loaded)
      const documents = name === 'earnings' ? [...earnings.slice(0, 300), { id: 'e-only-here', createdAt: 1 }] : [{ id: `${name}-1` }]
      return { list: { documents: shallowRef(documents), loaded }, release: () => released.push(name) }
    },
    stop: () => undefined,
  } as unknown as Lists
  return { lists, released, states }
}

/** A server that has a ledger, and nothing else that is older; `breaksAfter`: so many answers. */
function server(breaksAfter = Number.POSITIVE_INFINITY) {
  let asked = 0
  return (async (_name: string, { collection, before, limit }: { collection: string; before?: { at: number }; limit: number }) => {
    asked += 1
    if (asked > breaksAfter) return err(appError('SERVER_UNREACHABLE', { server: 'peer' }))
    if (collection === 'notices') return err(appError('NOT_ALLOWED'))
    const rest = collection === 'earnings' ? earnings.filter(({ createdAt }) => createdAt < (before?.at ?? Infinity)) : []
    return ok({ documents: rest.slice(0, limit), more: rest.length > limit })
  }) as unknown as DataLink['call']
}
const options = (lists: Lists, changes: Partial<ExportAllOptions> = {}): ExportAllOptions => ({
  ...{ lists, call: server(), asksServer: true, nowMs: 0, onProgress: () => undefined, isOver: () => false },
  ...changes,
})
interface Exported {
  format: string
  collections: Record<string, { id: string }[]>
  incomplete: string[]
}
const read = async (blob: Blob | undefined): Promise<Exported> => JSON.parse((await blob?.text()) ?? '') as Exported

describe('exportAll', () => {
  it('takes every collection, the older documents from the server, each once, and gives every query back', async () => {
    const { lists, released, states } = makeLists((name) => name !== 'jobs')
    const progress: number[] = []
    const exporting = exportAll(options(lists, { onProgress: (documents) => progress.push(documents) }))
    await vi.waitFor(() => expect(states.has('jobs')).toBe(true))
    const jobs = states.get('jobs')
    if (jobs) jobs.value = true
    const all = await exporting
    const file = await read(all?.blob)
    expect(Object.keys(file.collections).sort()).toEqual([...collectionNames].sort())
    expect(file.collections['jobs']).toEqual([{ id: 'jobs-1' }])
    expect(file.collections['earnings']?.map(({ id }) => id)).toEqual([...earnings.map(({ id }) => id), 'e-only-here'])
    expect([file.format, file.incomplete]).toEqual(['pictor-export', []])
    expect(all?.documents).toBe(earnings.length + collectionNames.length)
    expect(progress.at(-1)).toBe(all?.documents)
    expect(released.sort()).toEqual([...collectionNames].sort())
  })
  it('says of which collections only a part could be had, and still holds what is here', async () => {
    const all = await exportAll(options(makeLists().lists, { call: server(0) }))
    const file = await read(all?.blob)
    expect(file.incomplete).toContain('earnings')
    expect(file.incomplete).not.toContain('workers')
    expect(file.collections['earnings']).toHaveLength(301)
    const alone = await exportAll(options(makeLists().lists, { call: server(0), asksServer: false }))
    expect(alone?.incomplete).toEqual([])
  })
  it('says what had not arrived instead of waiting for ever, and can be ended', async () => {
    vi.useFakeTimers()
    try {
      const exporting = exportAll(options(makeLists((name) => name !== 'rollups').lists))
      await vi.runAllTimersAsync()
      expect((await exporting)?.incomplete).toEqual(['rollups'])
    } finally {
      vi.useRealTimers()
    }
    expect(await exportAll(options(makeLists().lists, { isOver: () => true }))).toBeNull()
  })
})
