import { AppErrorException, appError } from '../errors/appError.ts'
import type { SyncClient } from './client.ts'

/**
 * Resolves once the client is live. Rejects when it is stopped, or when `cancel` of the returned set is called.
 * @param cancels gets a function that ends the wait, for as long as it lasts
 */
export function untilLive(client: SyncClient, cancels: Set<() => void>): Promise<void> {
  if (client.state().name === 'live') return Promise.resolve()
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      unsubscribe()
      cancels.delete(cancel)
      settle()
    }
    const cancel = () => finish(() => reject(new AppErrorException(appError('CANCELLED'))))
    const unsubscribe = client.onState((state) => {
      if (state.name === 'live') finish(resolve)
      else if (state.name === 'stopped') cancel()
    })
    cancels.add(cancel)
    if (client.state().name === 'stopped') cancel()
  })
}
