import type { Documents } from '../tasks/ports.ts'

/** Documents in memory, for tests of parts that need no store. `failing` makes writes reject like a full disk. */
export interface MemoryDocuments<Document extends { id: string }> extends Documents<Document> {
  content: Map<string, Document>
  failing: (() => Error | null) | null
}

export function memoryDocuments<Document extends { id: string; state?: string; createdAt?: number }>(
  documents: readonly Document[] = [],
): MemoryDocuments<Document> {
  const content = new Map(documents.map((document) => [document.id, document]))
  const listeners = new Set<(document: Document) => void>()
  const made: MemoryDocuments<Document> = {
    content,
    failing: null,
    inStates: (states) =>
      Promise.resolve(
        [...content.values()]
          .filter(({ state }) => state !== undefined && states.includes(state))
          .sort((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0)),
      ),
    get: (id) => Promise.resolve(content.get(id) ?? null),
    async put(document) {
      await Promise.resolve()
      const error = made.failing?.() ?? null
      if (error !== null) throw error
      content.set(document.id, structuredClone(document))
      for (const listener of listeners) listener(document)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  return made
}
