import { watch } from 'vue'
import { collectionNames, type CollectionName } from '#shared/collections/collections.ts'
import type { Lists } from '../../data/lists.ts'

/** A collection that the peer does not offer never answers; what is there by then is taken. */
const patienceMs = 5_000

export interface Gathered {
  collections: Record<string, readonly unknown[]>
  /** Collections that had not arrived whole when the file was made. */
  incomplete: CollectionName[]
}

/** Every document the page holds, by collection; the queries are given back when they have answered. */
export async function gatherAll(lists: Lists): Promise<Gathered> {
  const parts = await Promise.all(
    collectionNames.map(async (name) => {
      const { list, release } = lists.take(name, {})
      const complete = await loaded(() => list.loaded.value)
      const documents = list.documents.value
      release()
      return { name, documents, complete }
    }),
  )
  return {
    collections: Object.fromEntries(parts.map(({ name, documents }) => [name, documents])),
    incomplete: parts.filter(({ complete }) => !complete).map(({ name }) => name),
  }
}

function loaded(isLoaded: () => boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (complete: boolean): void => {
      clearTimeout(timer)
      // `watch` may call back before it has returned its stop.
      queueMicrotask(() => stop())
      resolve(complete)
    }
    const timer = setTimeout(() => end(isLoaded()), patienceMs)
    const stop = watch(isLoaded, (now) => now && end(true), { immediate: true, flush: 'sync' })
  })
}
