import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie'
import { exposeRxStorageRemote } from 'rxdb/plugins/storage-remote'
import { Subject } from 'rxjs'
import type { MessageToRemote } from './browserStorage.ts'

/** The page's IndexedDB, in a thread of its own: writing and reading it must not keep the page from painting. */
const messages$ = new Subject<MessageToRemote>()
addEventListener('message', ({ data }: MessageEvent<MessageToRemote>) => messages$.next(data))
exposeRxStorageRemote({ storage: getRxStorageDexie(), messages$, send: (message) => postMessage(message) })
