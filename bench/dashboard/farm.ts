import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeFolderName } from '../../shared/api/storeProcess.ts'
import { serverClient } from '../../desktop/launch/serverClient.ts'
import { startProcess, startStore, type StartedProcess } from '../../desktop/runtime/testing/startHousehold.ts'
import { seedServer, type StartStore } from '../../sync-server/entry.ts'
import { quietLog, realClock } from '../../sync-server/testing/testTools.ts'

const out = join(import.meta.dirname, '..', '..', 'out')
const storeScript = join(out, 'node', 'store.js')
/** As desktop/launch/parts.ts starts it. */
const engineFlags = ['--min-semi-space-size=16', '--max-semi-space-size=16', '--max-old-space-size=1024']

const storeForSeeding: StartStore = async (folder) => {
  const { process, target } = await startStore(storeScript, folder)
  return { target: () => target, stop: async () => void (await process.stop()) }
}

export const farmOwner = { name: 'seed-farm', password: 'correct horse' }

export interface FarmSize {
  workers: number
  tasks: number
}
export interface BenchFarm {
  url: string
  gateway: StartedProcess
  /** How long filling it took; null: it stood there already. */
  seededMs: number | null
  token: string
  ownerId: string
  stop(): Promise<void>
}

/**
 * A gateway process on a seeded farm. @param folder a farm that is kept between runs (made when it is not there; its owner's password must be
 * `farmOwner`'s); undefined: one that goes with the run
 */
export async function startFarm({ workers, tasks }: FarmSize, folder?: string): Promise<BenchFarm> {
  const root = folder ?? mkdtempSync(join(tmpdir(), 'bench-farm-'))
  const dataFolder = join(root, 'gateway')
  let seededMs: number | null = null
  if (!existsSync(join(dataFolder, 'projection'))) {
    const seeded = await seedServer(
      { dataFolder, couchUrl: null, couchPrefix: null, startStore: storeForSeeding, log: quietLog, clock: realClock },
      { workers, tasks, days: 30, seed: 1, owner: farmOwner.name, password: farmOwner.password, intoExisting: false },
    )
    if (!seeded.ok) throw new Error(seeded.error.message)
    seededMs = seeded.value.tookMs
  }
  const store = await startStore(storeScript, join(dataFolder, storeFolderName))
  const options = {
    ...{ dataFolder, host: '127.0.0.1', port: 0, store: store.target },
    ...{ dashboardFolder: join(out, 'renderer'), logLevel: 'silent' },
  }
  const gateway = await startProcess(join(out, 'node', 'gateway.js'), options, { engineFlags })
  const { url } = gateway.value
  if (typeof url !== 'string') throw new Error('the gateway said no address')
  const { token, ownerId } = await serverClient(url).signInByPassword(farmOwner.name, farmOwner.password)
  return {
    ...{ url, gateway, seededMs, token: token ?? '', ownerId },
    async stop() {
      await gateway.stop()
      await store.process.stop()
      if (folder === undefined) rmSync(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
