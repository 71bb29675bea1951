import type { RxCollection, RxDocument } from 'rxdb'
import { collections, type CollectionName } from '#shared/collections/collections.ts'
import { jsonEquals } from '#shared/json.ts'
import { stampFields } from '#shared/rules/fieldMerge.ts'
import type { WireDocument } from '#shared/sync/protocol.ts'
import type { EditFields } from '../messages.ts'
import type { Database } from './database.ts'
import { within } from './within.ts'

/** What a page's owner changes. */
export interface Edits {
  /** The newest version of a document; null: there is none. */
  read(collection: CollectionName, id: string): Promise<WireDocument | null>
  /**
   * Changes fields of a document. @param base the version that the change rests on; null: any
   * @returns the newest version when that is another by now, and nothing was changed; null: the change stands, or there is none to change
   */
  edit(collection: CollectionName, id: string, base: WireDocument | null, change: EditFields): Promise<WireDocument | null>
}

export interface EditsParts {
  /** The database that is open now; null: none. `hasFailed`: its storage no longer reads or writes. */
  current: () => { database: Database; hasFailed: boolean } | null
  /** When what is being opened is open. */
  settled: () => Promise<void>
  isLive: () => boolean
  /** When a collection was pulled to its end. */
  whenPulled: (collection: CollectionName) => Promise<void>
  onEdited: (collection: CollectionName, id: string) => void
  /** A change could not be kept anywhere. */
  onLost: (thrown: unknown) => void
  /** The peer's time. */
  now: () => number
}

/** How long a change waits for what it changes to be here again. */
const pulledWithinMs = 20_000

/** Reads and changes documents of whatever database is open; a change is made again in the one that follows when its storage fails under it. */
export function createEdits(parts: EditsParts): Edits {
  const { current, settled, isLive, whenPulled, onEdited, onLost, now } = parts
  /** Tells this page's edits from those of another page of the same owner at the same instant. */
  const writer = `page-${crypto.randomUUID().slice(0, 8)}`

  /** One collection out of the union of all; what it holds are documents. */
  async function find(name: CollectionName, id: string): Promise<RxDocument<WireDocument> | null> {
    const collection = current()?.database.collections[name] as unknown as RxCollection<WireDocument> | undefined
    return (await collection?.findOne(id).exec()) ?? null
  }

  async function withDatabase<Value>(name: CollectionName, work: () => Promise<Value | null>): Promise<Value | null> {
    // Between two databases there is nothing to change, and nothing must be taken for changed.
    if (current() === null) await settled()
    const before = current()
    try {
      return await work()
    } catch (thrown) {
      if (before?.hasFailed !== true) throw thrown
      if (!isLive()) {
        onLost(thrown)
        return null
      }
      await settled()
      await within(whenPulled(name), pulledWithinMs)
      return work()
    }
  }

  return {
    read: (name, id) => withDatabase(name, async () => (await find(name, id))?.toMutableJSON() ?? null),
    edit: (name, id, base, { fields, gone }) =>
      withDatabase(name, async () => {
        const found = await find(name, id)
        let newer: WireDocument | null = null
        await found?.incrementalModify((document) => {
          newer = base === null || jsonEquals(withoutDeleted(document), base) ? null : withoutDeleted(document)
          if (newer !== null) return document
          onEdited(name, id)
          const next = { ...fields, ...Object.fromEntries(gone.map((field) => [field, undefined])) }
          return collections[name].mergesFields ? stampFields(document, next, { now }, writer) : { ...document, ...next, updatedAt: now() }
        })
        return newer
      }),
  }
}

/** RxDB shows a change a document with its own mark. */
const withoutDeleted = ({ _deleted, ...document }: WireDocument & { _deleted?: unknown }): WireDocument => document
