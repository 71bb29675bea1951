import type { NodeDocument } from '#shared/collections/node.schema.ts'

/** One version of a program, with what the workers that have it can do with it. */
export interface SoftwareRow {
  key: string
  kind: string
  version: string
  engines: string[]
  devices: string[]
  denoisers: string[]
  nodeIds: string[]
}

const collator = new Intl.Collator(undefined, { numeric: true })

/** What the workers found, by program and version, newest first. Two installations of one version on a worker count once. */
export function softwareRows(nodes: readonly NodeDocument[]): SoftwareRow[] {
  const rows = new Map<string, SoftwareRow & { sets: [Set<string>, Set<string>, Set<string>, Set<string>] }>()
  for (const node of nodes)
    for (const found of node.software) {
      const key = `${found.kind} ${found.version}`
      const row = rows.get(key) ?? {
        ...{ key, kind: found.kind, version: found.version, engines: [], devices: [], denoisers: [], nodeIds: [] },
        sets: [new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>()],
      }
      rows.set(key, row)
      const lists = [found.engines, found.devices, found.denoisers, [node.id]]
      lists.forEach((list, index) => list.forEach((entry) => row.sets[index]?.add(entry)))
    }
  return [...rows.values()]
    .map(({ sets: [engines, devices, denoisers, nodeIds], ...row }) => ({
      ...row,
      ...{ engines: [...engines].sort(), devices: [...devices].sort(), denoisers: [...denoisers].sort(), nodeIds: [...nodeIds] },
    }))
    .sort((a, b) => collator.compare(a.kind, b.kind) || collator.compare(b.version, a.version))
}
