import type { WireDocument } from '#shared/sync/protocol.ts'

type Documents = readonly WireDocument[]

/** A piece of how a list changed. */
export interface ListPart {
  /** Documents that are new or came in another version. */
  changed: Documents
  /** The ids of all documents in their order; null: which there are, and their order, stayed. */
  order: readonly string[] | null
  /** With this piece the list can be shown: it stands as it stood at one moment, or it is the beginning of one. */
  shows: boolean
  /** No piece of this change is missing. */
  isLast: boolean
}

/** What fills a window is there at once. */
const firstRows = 200
/** A change comes in so many pieces, each of so many documents: fifty are copied in well under a millisecond of the page's time. */
const mostParts = 20
const partRows = { least: 50, most: 500 }

/**
 * What turns one version of a list into another, in pieces. A document that did not change is the same object in both.
 * @param before null: the list had nothing yet, and its beginning is shown before the rest comes
 */
export function listParts(before: Documents | null, after: Documents): ListPart[] {
  const known = new Map((before ?? []).map((document) => [document.id, document]))
  const changed = before === null ? after : after.filter((document) => known.get(document.id) !== document)
  const isSameOrder = before?.length === after.length && before.every(({ id }, place) => id === after[place]?.id)
  if (changed.length === 0 && isSameOrder) return []
  const parts: ListPart[] = []
  const partSize = Math.min(partRows.most, Math.max(partRows.least, Math.ceil(changed.length / mostParts)))
  for (let at = 0; at < changed.length || parts.length === 0;) {
    const rows = before === null && at === 0 ? firstRows : partSize
    const piece = changed.slice(at, at + rows)
    at += rows
    const isLast = at >= changed.length
    const begins = before === null && parts.length === 0
    const order = isLast && !isSameOrder ? after : begins ? piece : null
    parts.push({ changed: piece, order: order?.map(({ id }) => id) ?? null, shows: isLast || begins, isLast })
  }
  return parts
}

/** Puts the pieces of a list together again. Documents that did not change stay the same objects, so that rows can compare by identity. */
export function createListKeeper() {
  const held = new Map<string, WireDocument>()
  /** The place of each id; made anew only when there is another order. */
  let places = new Map<string, number>()
  let shown: WireDocument[] = []
  let changed = new Set<string>()
  return {
    /** @returns the list as it is now; null while it cannot be shown */
    take(part: ListPart): Documents | null {
      for (const document of part.changed) {
        held.set(document.id, document)
        changed.add(document.id)
      }
      if (part.order !== null) {
        places = new Map(part.order.map((id, place) => [id, place]))
        if (part.isLast) for (const id of [...held.keys()]) if (!places.has(id)) held.delete(id)
      }
      if (!part.shows) return null
      shown = part.order === null ? [...shown] : part.order.flatMap((id) => held.get(id) ?? [])
      if (part.order === null) for (const id of changed) replace(id)
      changed = new Set()
      return shown
    },
  }

  function replace(id: string): void {
    const [place, document] = [places.get(id), held.get(id)]
    if (place !== undefined && document !== undefined) shown[place] = document
  }
}
