import type { NetworkProgram } from '#shared/api/gatewayCalls.ts'
import type { NodeDocument } from '#shared/collections/node.schema.ts'

/** One version of a program, with what the computers that have it can do with it. */
export interface SoftwareRow {
  key: string
  kind: string
  version: string
  engines: string[]
  devices: string[]
  denoisers: string[]
  /** The owner's own workers that have it. */
  nodeIds: string[]
  /** How many connected computers of the whole network have it; null: not known. */
  network: number | null
}

const lists = ['engines', 'devices', 'denoisers'] as const
const collator = new Intl.Collator(undefined, { numeric: true })

/**
 * What the workers found, and what the rest of the network can do beside that, by program and version, newest first. Two installations of one
 * version on a worker count once. @param network null: the server was not heard
 */
export function softwareRows(nodes: readonly NodeDocument[], network: readonly NetworkProgram[] | null): SoftwareRow[] {
  const rows = new Map<string, SoftwareRow>()
  const rowOf = ({ kind, version }: Pick<NetworkProgram, 'kind' | 'version'>): SoftwareRow => {
    const key = `${kind} ${version}`
    const row = rows.get(key) ?? { key, kind, version, engines: [], devices: [], denoisers: [], nodeIds: [], network: network && 0 }
    rows.set(key, row)
    return row
  }
  const add = (row: SoftwareRow, found: Pick<NetworkProgram, (typeof lists)[number]>): void => {
    for (const list of lists) row[list] = [...new Set([...row[list], ...found[list]])].sort()
  }
  for (const node of nodes)
    for (const found of node.software) {
      const row = rowOf(found)
      add(row, found)
      if (row.nodeIds.at(-1) !== node.id) row.nodeIds.push(node.id)
    }
  for (const program of network ?? []) {
    const row = rowOf(program)
    add(row, program)
    row.network = program.workers
  }
  return [...rows.values()].sort((a, b) => collator.compare(a.kind, b.kind) || collator.compare(b.version, a.version))
}
