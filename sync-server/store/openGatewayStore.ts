import { join } from 'node:path'
import { AppErrorException } from '#shared/errors/appError.ts'
import { createEmbeddedStore } from '../embedded/embeddedStore.ts'
import { forkProcess } from '../embedded/launchProcess.ts'
import type { GatewayOptions } from '../gatewayOptions.ts'
import type { Lifetimes } from '../lifetimes.ts'
import { couchTargetFromUrl, type CouchTarget } from './couchTarget.ts'
import { defaultPrefix } from './databaseNames.ts'
import { openStore, type OpenedStore } from './openStore.ts'

type StoreOptions = Pick<GatewayOptions, 'dataFolder' | 'couchUrl' | 'couchPrefix' | 'storeEntryPath' | 'launch' | 'log' | 'clock'>

/** Opens the CouchDB the operator named, or starts the embedded store. Rejects with what `openStore` and the store's process say. */
export async function openGatewayStore(options: StoreOptions, lifetimes: Lifetimes): Promise<OpenedStore> {
  const target = await reachStore(options, lifetimes)
  const opened = await openStore({
    target,
    prefix: options.couchPrefix ?? defaultPrefix,
    projectionPath: join(options.dataFolder, 'projection', 'projection.sqlite'),
    singleWriter: (options.couchUrl ?? null) === null,
    ...{ log: options.log.child('store'), clock: options.clock },
  })
  if (opened.ok) return opened.value
  throw new AppErrorException(opened.error)
}

/** Where the store is, now and after a restart of its process. */
export async function reachStore(
  { dataFolder, couchUrl, storeEntryPath, launch, log, clock }: StoreOptions,
  lifetimes: Lifetimes,
): Promise<() => CouchTarget | null> {
  if (couchUrl != null) {
    const target = couchTargetFromUrl(couchUrl)
    if (!target.ok) throw new AppErrorException(target.error)
    return () => target.value
  }
  const folder = join(dataFolder, 'couch')
  const embedded = createEmbeddedStore({ folder, entryPath: storeEntryPath, launch: launch ?? forkProcess, log: log.child('store'), clock })
  await embedded.start()
  lifetimes.add('embedded store', () => embedded.stop())
  return embedded.target
}
