import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { NodeDocument } from '#shared/collections/node.schema.ts'
import { statementsOf } from '../jobs/statementsOf.ts'
import type { Projector } from '../projection/projector.ts'

/** What of a program is kept: no more of it than anybody needs, whatever a node says. */
export interface FoundProgram {
  kind: string
  version: string
  engines: string[]
  devices: string[]
  denoisers: string[]
}

const mostPrograms = 40
const mostWords = 40
const mostCharacters = 60

/** The programs that each node can render or upscale with, as one short text: nodes that have the same share it. */
export const softwareProjector: Projector = {
  name: 'software',
  version: 1,
  reads: ['nodes'],
  tables: ['node_software'],
  createTables(database) {
    database.exec('CREATE TABLE IF NOT EXISTS node_software (node_id TEXT PRIMARY KEY, programs TEXT NOT NULL) WITHOUT ROWID;')
  },
  onChange(database, change) {
    if (change.ownerId === null || change.collection !== 'nodes') return
    const sql = statementsOf(database, makeStatements)
    // Safe: the collection holds nothing else.
    const node = change.document as NodeDocument | null
    if (node === null) sql.remove.run(change.id)
    else sql.put.run(change.id, JSON.stringify(usablePrograms(node)))
  },
}

function usablePrograms({ software }: NodeDocument): FoundProgram[] {
  const words = (list: readonly string[]): string[] => list.slice(0, mostWords).map(short).sort()
  return software
    .filter(({ engines }) => engines.length > 0)
    .slice(0, mostPrograms)
    .map(({ kind, version, engines, devices, denoisers }) => ({
      ...{ kind: short(kind), version: short(version) },
      ...{ engines: words(engines), devices: words(devices), denoisers: words(denoisers) },
    }))
}
const short = (word: string): string => word.slice(0, mostCharacters)

/** The programs of the nodes that are connected, those with the same ones together. Which are here, the bids' projector knows. */
export function softwareHere(database: DatabaseSync): { programs: FoundProgram[]; workers: number }[] {
  const rows = statementsOf(database, makeStatements).here.all() as unknown as { programs: string; workers: number }[]
  return rows.map(({ programs, workers }) => ({ programs: JSON.parse(programs) as FoundProgram[], workers }))
}

function makeStatements(database: DatabaseSync): Record<'put' | 'remove' | 'here', StatementSync> {
  return {
    // A node's document changes often, and what it found hardly ever.
    put: database.prepare(
      'INSERT INTO node_software VALUES (?, ?) ON CONFLICT DO UPDATE SET programs = excluded.programs WHERE programs <> excluded.programs',
    ),
    remove: database.prepare('DELETE FROM node_software WHERE node_id = ?'),
    here: database.prepare(
      'SELECT programs, count(*) AS workers FROM node_software JOIN bids_here USING (node_id) JOIN bids USING (node_id) GROUP BY programs',
    ),
  }
}
