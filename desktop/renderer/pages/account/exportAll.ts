import { watch } from 'vue'
import { collectionNames, type CollectionName } from '#shared/collections/collections.ts'
import type { Result } from '#shared/result.ts'
import type { WireDocument } from '#shared/sync/protocol.ts'
import { dashboardWindows } from '#shared/sync/windows.ts'
import type { DataLink } from '../../data/dataLink.ts'
import { readDocumentPage, type DocumentPage, type PagePlace } from '../../data/documentPages.ts'
import type { Lists } from '../../data/sharedLists.ts'

/** A collection that the peer does not offer never answers; what is there by then is taken. */
const patienceMs = 5_000

export interface ExportAllOptions {
  lists: Lists
  call: DataLink['call']
  /** There is more on the server than here; false: what is here is all there is. */
  asksServer: boolean
  nowMs: number
  onProgress: (documents: number) => void
  /** Asked between pages; true ends it. */
  isOver: () => boolean
}
export interface ExportedAll {
  blob: Blob
  documents: number
  /** Collections of which the file holds only what was here. */
  incomplete: CollectionName[]
}

/**
 * Every document of the account as one JSON file: what is here, and of collections that are held in part the rest from the server, page by page.
 * Each page becomes a blob of its own, so that an account of any size needs the memory of a page. @returns null when it was ended
 */
export async function exportAll(options: ExportAllOptions): Promise<ExportedAll | null> {
  const { nowMs, isOver } = options
  const file = createFile(options.onProgress)
  file.text(
    `{\n  "format": "pictor-export",\n  "formatVersion": 1,\n  "exportedAt": "${new Date(nowMs).toISOString()}",\n  "collections": {`,
  )
  const incomplete: CollectionName[] = []
  for (const [at, name] of collectionNames.entries()) {
    file.text(`${at === 0 ? '' : ','}\n    ${JSON.stringify(name)}: [`)
    if (!(await writeCollection(name, file, options))) incomplete.push(name)
    if (isOver()) return null
    file.endList()
  }
  file.text(`\n  },\n  "incomplete": ${JSON.stringify(incomplete)}\n}\n`)
  return { blob: file.blob(), documents: file.count(), incomplete }
}

/** @returns whether it is whole */
async function writeCollection(name: CollectionName, file: File, { lists, call, asksServer, isOver }: ExportAllOptions): Promise<boolean> {
  const { documents, complete } = await heldOf(lists, name)
  // Safe: every document has an id.
  const held = new Map((documents as readonly WireDocument[]).map((document) => [document.id, document]))
  let isWhole = complete
  if (dashboardWindows[name] !== undefined && asksServer) {
    // Every windowed collection may be asked for.
    const collection = name as 'earnings'
    for (let place: PagePlace | null = null; !isOver();) {
      const page: Result<DocumentPage> = await readDocumentPage(call, { collection }, place)
      if (!page.ok) {
        // Of what a node may not read there is nothing to miss.
        isWhole &&= page.error.code === 'NOT_ALLOWED'
        break
      }
      file.page(page.value.documents)
      for (const { id } of page.value.documents) held.delete(id)
      if (page.value.next === null) break
      place = page.value.next
    }
  }
  file.page([...held.values()])
  return isWhole
}

async function heldOf(lists: Lists, name: CollectionName): Promise<{ documents: readonly unknown[]; complete: boolean }> {
  const { list, release } = lists.take(name, {})
  const complete = await loaded(() => list.loaded.value)
  const documents = list.documents.value
  release()
  return { documents, complete }
}

type File = ReturnType<typeof createFile>

function createFile(onProgress: (documents: number) => void) {
  const parts: BlobPart[] = []
  let count = 0
  let isFirst = true
  return {
    text: (text: string) => void parts.push(text),
    page(documents: readonly WireDocument[]) {
      if (documents.length === 0) return
      parts.push(new Blob([`${isFirst ? '' : ','}\n      ${documents.map((document) => JSON.stringify(document)).join(',\n      ')}`]))
      isFirst = false
      count += documents.length
      onProgress(count)
    },
    endList() {
      parts.push(isFirst ? ']' : '\n    ]')
      isFirst = true
    },
    count: () => count,
    blob: () => new Blob(parts, { type: 'application/json' }),
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
