import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import express from 'express'
import expressPouchDB from 'express-pouchdb'
import PouchDB from 'pouchdb'
import { storeDamagedError, type StoreDamaged } from '#shared/api/storeProcess.ts'
import { examineStore } from './damage/examineStore.ts'
import { createSyncedLeveldown } from './syncedLeveldown.ts'

export interface StoreServer {
  port: number
  stop(): Promise<void>
}

/** Parts of express-pouchdb that a loopback store with one client has no use for. */
const unused = ['compression', 'routes/attachments', 'routes/temp-views', 'routes/view-cleanup', 'routes/views']

/**
 * PouchDB over LevelDB behind CouchDB's HTTP API, on loopback, for whoever knows the password. Where LevelDB meets a damaged file, nothing is answered
 * any more but that: what is under way is cut.
 */
export async function startStoreServer(folder: string, user: string, password: string): Promise<StoreServer> {
  let damage: StoreDamaged | null = null
  const onDamage = (location: string, reason: string) => {
    if (damage !== null) return
    damage = { path: location, reason, folder: dirname(folder) }
    server.closeAllConnections()
    // Which of its files it is, where that can be told.
    void examineStore(folder).then(
      (found) => (damage = found === null ? damage : { ...found, folder: dirname(folder) }),
      () => undefined,
    )
  }
  const Pouch = PouchDB.defaults({
    prefix: join(folder, '/'),
    db: createSyncedLeveldown(onDamage),
    auto_compaction: true,
    revs_limit: 20,
    // A hash of every document costs a tenth of the write speed; whether a repeated write is the same is seen from the document itself.
    deterministic_revs: false,
  })
  const couch = expressPouchDB(Pouch, { mode: 'minimumForPouchDB', overrideMode: { exclude: unused } })
  couch.disable('etag')
  const app = express()
  app.disable('x-powered-by')
  const expected = digest(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`)
  app.use((request, response, next) => {
    if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) next()
    else response.status(401).json({ error: 'unauthorized', reason: 'Name or password is incorrect.' })
  })
  app.use((_request, response, next) => {
    if (damage === null) next()
    else response.status(500).json({ error: storeDamagedError, reason: damage.reason, damage })
  })
  app.use(couch)
  const server = createServer(app)
  // The gateway keeps its connections open between requests; a request itself never takes this long.
  server.keepAliveTimeout = 60_000
  await listen(server)
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve())
  })
}

const digest = (text: string) => createHash('sha256').update(text).digest()
