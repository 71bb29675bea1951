import type { Session } from '#shared/sync/backend.ts'
import type { DocumentStore } from '../store/documentStore.ts'

/** Whose series it is: an owner reads all of its own, a node writes and reads those of itself and of its tasks. */
export interface SeriesAccess {
  mayRead(session: Session, series: string): Promise<boolean>
  mayAppend(session: Session, series: string): Promise<boolean>
}

export function createSeriesAccess(store: DocumentStore): SeriesAccess {
  async function isNodes(session: Session, series: string): Promise<boolean> {
    if (session.nodeId === null) return false
    const [kind, id] = splitSeries(series)
    // What a node measures is kept a month a series: `metrics/<nodeId>.2026-11`.
    if (kind !== 'log') return id.replace(/\.\d{4}-\d{2}$/, '') === session.nodeId
    const task = await store.read(session.ownerId, 'tasks', id)
    return task?.document.nodeId === session.nodeId
  }
  return {
    // Series are kept by owner, so another owner's cannot even be named.
    mayRead: async (session, series) => session.isOwner || (await isNodes(session, series)),
    mayAppend: isNodes,
  }
}

function splitSeries(series: string): [kind: string, id: string] {
  const slash = series.indexOf('/')
  return [series.slice(0, slash), series.slice(slash + 1)]
}
