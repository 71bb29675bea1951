import { join } from 'node:path'
import { durations } from '#shared/durations.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { ok, err, type Result } from '#shared/result.ts'
import { createRandom } from '#shared/seededRandom.ts'
import { archiveProjector } from '../archive/archiveProjector.ts'
import type { MaintenanceOptions } from '../backup/maintenance.ts'
import { lockFolder } from '../embedded/folderLock.ts'
import { createAccounts } from '../identity/accounts.ts'
import { createLinks } from '../identity/links.ts'
import { createLifetimes } from '../lifetimes.ts'
import { allTotals } from '../rollups/rollupProjector.ts'
import { rollupDocument } from '../rollups/rollupWriter.ts'
import { startError } from '../startError.ts'
import { reachStore } from '../store/openGatewayStore.ts'
import { openStore, type OpenedStore } from '../store/openStore.ts'
import { defaultPrefix } from '../store/databaseNames.ts'
import { taskProjectors } from '../taskServices.ts'
import { keepPictures, makePictures } from './seedPictures.ts'
import { seedRows } from './seedRows.ts'
import { createSeedWriter } from './seedStore.ts'
import type { SeedPlan } from './seedTypes.ts'

export interface SeedOptions extends Pick<SeedPlan, 'workers' | 'tasks' | 'days' | 'seed'> {
  owner: string
  /** For the owner, if it is new; without one it signs in by the link. */
  password?: string | undefined
  /** Also on a server that has data already. */
  intoExisting: boolean
}
export interface SeedReport {
  ownerId: string
  owner: string
  /** Opens the owner's dashboard once, within 15 minutes. */
  signInSecret: string
  documents: Record<string, number>
  tookMs: number
}

/**
 * Fills a server that does not run with a farm and its history. Errors: SERVER_NOT_EMPTY (it has data, and nobody said that it may be mixed
 * with it), DATA_FOLDER_IN_USE, REQUEST_INVALID, those of the store.
 */
export async function seedServer(options: MaintenanceOptions, wanted: SeedOptions): Promise<Result<SeedReport>> {
  if (wanted.workers < 1 || wanted.tasks < 1 || wanted.days < 1)
    return err(appError('REQUEST_INVALID', { reason: 'at least one worker, one task and one day are needed' }))
  const lifetimes = createLifetimes(options.log, options.clock)
  try {
    const locked = lockFolder(options.dataFolder, 'gateway.lock')
    if (!locked.ok) return locked
    lifetimes.add('lock', locked.value)
    const opened = await openStore({
      target: await reachStore(options, lifetimes),
      prefix: options.couchPrefix ?? defaultPrefix,
      projectionPath: join(options.dataFolder, 'projection', 'projection.sqlite'),
      // No other gateway's writes are waited for while this one fills the store.
      singleWriter: true,
      patienceMs: durations.storePatienceMs,
      ...{ log: options.log, clock: options.clock },
    })
    if (!opened.ok) return opened
    lifetimes.add('store', () => opened.value.stop())
    return ok(await fill(opened.value, options, wanted))
  } catch (thrown) {
    return err(startError(thrown, options.dataFolder))
  } finally {
    await lifetimes.stop(durations.processStopTimeoutMs)
  }
}

async function fill(opened: OpenedStore, options: MaintenanceOptions, wanted: SeedOptions): Promise<SeedReport> {
  const { projection, store } = opened
  const { clock, dataFolder } = options
  const [begun, nowMs] = [clock.monotonicMs(), clock.now()]
  for (const projector of [archiveProjector, ...taskProjectors]) projection.registerProjector(projector)
  if (!wanted.intoExisting) await refuseData(opened)
  else await store.openAll()

  const accounts = createAccounts(store, clock)
  const random = createRandom(wanted.seed)
  const ownerIdOf = async (name: string, password?: string): Promise<string> => {
    const drawn = `owner-${random.letters(20)}`
    const standing = (await accounts.list()).find((owner) => owner.name === name)
    if (standing) return standing.ownerId
    const added = await accounts.add(name, password, drawn)
    if (!added.ok) throw new AppErrorException(added.error)
    return added.value.ownerId
  }
  const ownerId = await ownerIdOf(wanted.owner, wanted.password)
  const customerId = await ownerIdOf('Render customers (seeded)')
  const plan: SeedPlan = { workers: wanted.workers, tasks: wanted.tasks, days: wanted.days, seed: wanted.seed, nowMs, ownerId, customerId }

  const pictures = await makePictures(wanted.seed)
  for (const id of [ownerId, customerId]) await keepPictures(dataFolder, id, pictures)
  const writer = createSeedWriter(opened, clock)
  let tasks = 0
  for (const row of seedRows(plan, pictures)) {
    const waits = writer.add(row.collection === 'chunks' ? null : row.document.ownerId, row)
    if (waits) await waits
    if (row.collection === 'tasks' && (tasks += 1) % 500 === 0) options.onProgress?.(tasks, wanted.tasks)
  }
  await writer.finish()
  options.onProgress?.(wanted.tasks, wanted.tasks)
  const { documents, secret } = await finish(opened, options, plan, writer)
  return { ownerId, owner: wanted.owner, signInSecret: secret, documents, tookMs: Math.round(clock.monotonicMs() - begun) }
}

/** The roll-ups come from the very totals that the projector summed up, by the very function that the gateway writes them with. */
async function finish(opened: OpenedStore, { clock }: MaintenanceOptions, plan: SeedPlan, writer: ReturnType<typeof createSeedWriter>) {
  for (const { who, day } of allTotals(opened.projection.database)) {
    const document = rollupDocument(opened.projection.database, who, day, plan.nowMs)
    const waits = document && writer.add(document.ownerId, { collection: 'rollups', document })
    if (waits) await waits
  }
  const documents = await writer.finish()
  const { secret } = await createLinks(opened.store, clock).make(plan.ownerId)
  return { documents, secret }
}

/** What a server has that was only started, or on which owners were only added, is no loss. */
async function refuseData({ databases, connection }: OpenedStore): Promise<void> {
  for (const key of await databases.list()) {
    if (key.ownerId === null ? key.collection !== 'chunks' : key.collection === 'profile') continue
    const { body } = await connection.request({ path: databases.path(key) })
    const documents = Number((body as { doc_count?: number }).doc_count ?? 0)
    if (documents > 0) throw new AppErrorException(appError('SERVER_NOT_EMPTY', { documents, collection: key.collection }))
  }
}
