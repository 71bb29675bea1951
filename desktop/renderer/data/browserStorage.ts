import type { RxStorage } from 'rxdb'
import { getRxStorageRemote } from 'rxdb/plugins/storage-remote'
import { Subject } from 'rxjs'

type Settings = Parameters<typeof getRxStorageRemote>[0]
type Channel = Awaited<ReturnType<Settings['messageChannelCreator']>>
export type MessageToRemote = Parameters<Channel['send']>[0]
type MessageFromRemote = Channel['messages$'] extends { subscribe(next: (message: infer Message) => void): unknown } ? Message : never

/** IndexedDB through a worker of this page: what is written and read costs the page's own thread little more than the copy. */
export function browserStorage(): RxStorage<unknown, unknown> {
  return getRxStorageRemote({
    identifier: 'browser-storage',
    mode: 'one',
    async messageChannelCreator() {
      const worker = new Worker(new URL('./browserStorage.worker.ts', import.meta.url), { type: 'module' })
      const messages$ = new Subject<MessageFromRemote>()
      worker.onmessage = ({ data }: MessageEvent<MessageFromRemote>) => messages$.next(data)
      return {
        messages$,
        send: (message) => worker.postMessage(message),
        async close() {
          worker.terminate()
        },
      }
    },
  })
}
