import type { RxDocument, RxStreamItem } from '#shared/sync/replication.ts'

/** Changes that follow each other faster than this are taken in together: a busy farm must not keep the page from painting. */
const togetherMs = 1_000
/** Nobody looks: then once in a while is enough. */
const hiddenMs = 10_000

/**
 * Passes a change on at once when it is calm, and joins those of a burst, of each document the newest version. While one is being taken in, the next
 * wait: on a slow computer a busy farm makes a page late, and not full.
 * @param pass resolves when the item was taken in
 * @param isHidden whether nobody sees the page @returns `add`, and `stop`, after which nothing is passed on
 */
export function createCalmStream(
  pass: (item: RxStreamItem) => Promise<void>,
  isHidden: () => boolean,
): { add: (item: RxStreamItem) => void; stop: () => void } {
  let waiting: Exclude<RxStreamItem, 'RESYNC'> | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let passedAtMs = Number.NEGATIVE_INFINITY
  let taking: Promise<void> | null = null

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    const item = waiting
    waiting = null
    passedAtMs = performance.now()
    if (item === null) return
    const mine = pass(item).then(() => {
      if (taking === mine) taking = null
      if (waiting !== null) schedule()
    })
    taking = mine
  }
  function schedule(): void {
    const dueMs = passedAtMs + (isHidden() ? hiddenMs : togetherMs) - performance.now()
    if (taking !== null || timer !== undefined) return
    if (dueMs <= 0) flush()
    else timer = setTimeout(flush, dueMs)
  }

  return {
    add(item) {
      if (item === 'RESYNC') {
        // What waits is older than what the pull brings, and must not come after it.
        flush()
        void pass(item)
        return
      }
      waiting = waiting === null ? item : { documents: newest(waiting.documents, item.documents), checkpoint: item.checkpoint }
      schedule()
    },
    stop() {
      clearTimeout(timer)
      waiting = null
    },
  }
}

function newest(before: readonly RxDocument[], after: readonly RxDocument[]): RxDocument[] {
  const byId = new Map(before.map((document) => [document.id, document]))
  for (const document of after) byId.set(document.id, document)
  return [...byId.values()]
}
