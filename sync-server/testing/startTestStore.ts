import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { couchTargetFromUrl, type CouchTarget } from '../store/couchTarget.ts'
import { databaseName } from '../store/databaseNames.ts'
import { openStore, type OpenedStore } from '../store/openStore.ts'
import { forkStore, type ForkedStore } from './forkStore.ts'
import { quietLog, realClock, temporaryFolder } from './testTools.ts'

export interface TestStore extends OpenedStore {
  folder: string
  /** Of the databases of this run, so that runs on one CouchDB do not meet. */
  prefix: string
  target: () => CouchTarget | null
  /** null when the tests run against COUCHDB_URL. */
  embedded: ForkedStore | null
  /** Another gateway's store on the same databases, with a projection of its own. */
  openAnother(name: string, options?: { singleWriter?: boolean; maxFollowed?: number }): Promise<OpenedStore>
  /** Ends everything, takes the databases away. */
  remove(): Promise<void>
}

/** The store that tests run on: the real embedded one, or the CouchDB that COUCHDB_URL names. */
export async function startTestStore(): Promise<TestStore> {
  const folder = temporaryFolder()
  const url = process.env['COUCHDB_URL']
  const prefix = `pt${randomBytes(5).toString('hex')}-`
  const embedded = url === undefined ? await forkStore(join(folder.path, 'couch')) : null
  const real = url === undefined ? null : couchTargetFromUrl(url)
  if (real?.ok === false) throw new Error(real.error.message)
  const target = () => embedded?.target() ?? (real?.ok === true ? real.value : null)
  const openAnother = async (name: string, { singleWriter = false, ...more }: { singleWriter?: boolean; maxFollowed?: number } = {}) => {
    const projectionPath = join(folder.path, name, 'projection.sqlite')
    const opened = await openStore({ target, prefix, projectionPath, singleWriter, ...more, log: quietLog, clock: realClock })
    if (!opened.ok) throw new Error(opened.error.message)
    return opened.value
  }
  const opened = await openAnother('first', { singleWriter: embedded !== null })
  return {
    ...opened,
    ...{ folder: folder.path, prefix, target, embedded, openAnother },
    async remove() {
      await opened.stop()
      if (embedded === null) {
        for (const key of await opened.databases.list())
          await opened.connection.request({ method: 'DELETE', path: encodeURIComponent(databaseName(prefix, key)) })
      }
      await embedded?.stop()
      folder.remove()
    },
  }
}

/** As an operator would give it. */
export function urlWithCredentials(target: CouchTarget | null): string {
  const credentials = Buffer.from((target?.authorization ?? '').slice('Basic '.length), 'base64').toString('utf8')
  const colon = credentials.indexOf(':')
  const [user, password] = [credentials.slice(0, colon), credentials.slice(colon + 1)].map(encodeURIComponent)
  return (target?.url ?? '').replace('://', `://${user}:${password}@`)
}
