import { BehaviorSubject } from 'rxjs'
import type { CollectionName } from '#shared/collections/collections.ts'

/** The documents that were changed here and whose change the peer has not answered yet. */
export interface Unsent {
  count: BehaviorSubject<number>
  edited(name: CollectionName, id: string): void
  /** Documents are being sent. @returns to be called when the peer has answered */
  sending(name: CollectionName, ids: readonly string[]): () => void
  /** In a database that follows another, these of a collection are still to be sent, and no others. */
  begunAnew(name: CollectionName, ids: readonly string[]): void
  clear(): void
}

export function createUnsent(): Unsent {
  /** By collection and id, the number of its newest change: one that is made while an older one is on its way still has to go. */
  const edits = new Map<string, number>()
  const count = new BehaviorSubject(0)
  let last = 0
  const tell = (): void => {
    if (edits.size !== count.value) count.next(edits.size)
  }
  return {
    count,
    edited(name, id) {
      last += 1
      edits.set(`${name}/${id}`, last)
      tell()
    },
    sending(name, ids) {
      const until = last
      return () => {
        for (const id of ids) if ((edits.get(`${name}/${id}`) ?? Number.POSITIVE_INFINITY) <= until) edits.delete(`${name}/${id}`)
        tell()
      }
    },
    begunAnew(name, ids) {
      for (const key of [...edits.keys()]) if (key.startsWith(`${name}/`) && !ids.includes(key.slice(name.length + 1))) edits.delete(key)
      tell()
    },
    clear() {
      edits.clear()
      tell()
    },
  }
}
