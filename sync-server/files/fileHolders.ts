import { createHash } from 'node:crypto'
import { durations } from '#shared/durations.ts'
import type { DocumentStore, PrivateDocument } from '../store/documentStore.ts'
import type { OwnUpload } from './ownUploads.ts'

/** What was stored: an owner's own file, or a picture of one attempt's frame. */
export type Held = { ownerId: string; sha256: string } | OwnUpload

/**
 * Which gateway has what, where several share a store but no files: so that one which is asked for a file of another's can say so, and by what
 * name. Of pictures it is only said to whom sent them: an entry is found by the attempt and the frame.
 */
export interface FileHolders {
  /** Resolves when the others can know it. */
  note(held: Held): Promise<void>
  /** The id of the other gateway that has it; null: nobody is known to, or this one. */
  elsewhere(held: Held): Promise<string | null>
  /** Forgets pictures of long ago: by then they were delivered, or come up again. */
  sweep(nowMs: number): Promise<void>
}

type Holder = PrivateDocument & { gatewayId: string; at: number; isPicture: boolean }

export function createFileHolders(store: DocumentStore, gatewayId: string, now: () => number): FileHolders {
  return {
    async note(held) {
      const document: Holder = { id: idOf(held), gatewayId, at: now(), isPicture: 'taskId' in held }
      // The newest counts: it came up there a moment ago.
      await store.updatePrivate<Holder>('files', document.id, (current) => (current?.gatewayId === gatewayId ? null : document))
    },
    async elsewhere(held) {
      const found = (await store.latestPrivate<Holder>('files', idOf(held)))?.document
      return found === undefined || found.gatewayId === gatewayId ? null : found.gatewayId
    },
    async sweep(nowMs) {
      const old: { id: string; rev: string }[] = []
      await store.scanPrivate<Holder>('files', (page) => {
        for (const { document, rev } of page)
          if (document.isPicture && document.gatewayId === gatewayId && nowMs - document.at > durations.uploadAbandonedAfterMs)
            old.push({ id: document.id, rev })
      })
      await store.removePrivate('files', old)
    },
  }
}

/** Where all gateways see the same files, or there is only one. */
export const noOtherHolders: FileHolders = {
  note: () => Promise.resolve(),
  elsewhere: () => Promise.resolve(null),
  sweep: () => Promise.resolve(),
}

function idOf(held: Held): string {
  const text = 'taskId' in held ? `picture\n${held.taskId}\n${held.frame}\n${held.sha256}` : `file\n${held.ownerId}\n${held.sha256}`
  return `held-${createHash('sha256').update(text).digest('hex')}`
}
