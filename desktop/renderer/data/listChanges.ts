import type { WireDocument } from '#shared/sync/protocol.ts'

type Documents = readonly WireDocument[]

/** A piece of how a list changed. Only with the last one it stands as it stood at one moment. */
export interface ListPart {
  /** Documents that are new or came in another version. */
  changed: Documents
  /** The ids of all documents in their order; null: which there are, and their order, stayed. */
  order: readonly string[] | null
  isLast: boolean
}

/** A change comes in so many pieces, each of so many documents: fifty are copied in well under a millisecond of the page's time. */
const mostParts = 20
const partRows = { least: 50, most: 500 }

/**
 * What turns one version of a list into another, in pieces. A document that did not change is the same object in both.
 * @param before what was told so far
 */
export function listParts(before: Documents, after: Documents): ListPart[] {
  const known = new Map(before.map((document) => [document.id, document]))
  const changed = after.filter((document) => known.get(document.id) !== document)
  const isSameOrder = before.length === after.length && before.every(({ id }, place) => id === after[place]?.id)
  if (changed.length === 0 && isSameOrder) return []
  const rows = Math.min(partRows.most, Math.max(partRows.least, Math.ceil(changed.length / mostParts)))
  const parts: ListPart[] = []
  for (let at = 0; at < changed.length || parts.length === 0; at += rows) {
    const isLast = at + rows >= changed.length
    parts.push({ changed: changed.slice(at, at + rows), order: isLast && !isSameOrder ? after.map(({ id }) => id) : null, isLast })
  }
  return parts
}

/** Puts the pieces of a list together again. Documents that did not change stay the same objects, so that rows can compare by identity. */
export function createListKeeper() {
  const held = new Map<string, WireDocument>()
  /** The place of each id; made anew only when there is another order. */
  let places = new Map<string, number>()
  let shown: WireDocument[] = []
  let changed: string[] = []
  return {
    /** @returns the list as it is now; null while pieces are missing */
    take(part: ListPart): Documents | null {
      for (const document of part.changed) {
        held.set(document.id, document)
        changed.push(document.id)
      }
      if (!part.isLast) return null
      if (part.order === null) {
        shown = [...shown]
        for (const id of changed) replace(id)
      } else {
        places = new Map(part.order.map((id, place) => [id, place]))
        for (const id of [...held.keys()]) if (!places.has(id)) held.delete(id)
        shown = part.order.flatMap((id) => held.get(id) ?? [])
      }
      changed = []
      return shown
    },
  }

  function replace(id: string): void {
    const [place, document] = [places.get(id), held.get(id)]
    if (place !== undefined && document !== undefined) shown[place] = document
  }
}
