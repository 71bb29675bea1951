import { join } from 'node:path'
import { storeFolderName } from '#shared/api/storeProcess.ts'
import { AppErrorException } from '#shared/errors/appError.ts'
import type { GatewayOptions } from '../gatewayOptions.ts'
import type { Lifetimes } from '../lifetimes.ts'
import { couchTargetFromUrl, type CouchTarget } from './couchTarget.ts'
import { defaultPrefix } from './databaseNames.ts'
import { openStore, type OpenedStore } from './openStore.ts'

type StoreOptions = Pick<GatewayOptions, 'dataFolder' | 'couchUrl' | 'couchPrefix' | 'startStore' | 'onBuilding' | 'log' | 'clock'> & {
  onDamaged: () => void
}

/** Opens the CouchDB the operator named, or the embedded store. Rejects with what `openStore` and the store's process say. */
export async function openGatewayStore(options: StoreOptions, lifetimes: Lifetimes): Promise<OpenedStore> {
  const target = await reachStore(options, lifetimes)
  const opened = await openStore({
    target,
    prefix: options.couchPrefix ?? defaultPrefix,
    projectionPath: join(options.dataFolder, 'projection', 'projection.sqlite'),
    onBuilding: countedBy(options.onBuilding),
    onDamaged: options.onDamaged,
    singleWriter: (options.couchUrl ?? null) === null,
    ...{ log: options.log.child('store'), clock: options.clock },
  })
  if (opened.ok) return opened.value
  throw new AppErrorException(opened.error)
}

function countedBy(tell: ((documents: number) => void) | undefined): (documents: number) => void {
  let done = 0
  return (documents) => tell?.((done += documents))
}

/** Where the store is, now and after a restart of its process. */
export async function reachStore(
  { dataFolder, couchUrl, startStore }: Pick<StoreOptions, 'dataFolder' | 'couchUrl' | 'startStore'>,
  lifetimes: Lifetimes,
): Promise<() => CouchTarget | null> {
  if (couchUrl != null) {
    const target = couchTargetFromUrl(couchUrl)
    if (!target.ok) throw new AppErrorException(target.error)
    return () => target.value
  }
  const embedded = await startStore(join(dataFolder, storeFolderName))
  lifetimes.add('embedded store', () => embedded.stop())
  return embedded.target
}
