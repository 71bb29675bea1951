import { workerStatuses, type WorkerStatus } from '#shared/rules/status.ts'
import { attentionOrder } from '../../status/statusLook.ts'
import type { FleetRow } from './fleet.ts'
import { createTally } from './tally.ts'

/** What a list of workers can be sorted by: its columns. */
export const fleetSorts = [
  'name',
  'status',
  'uptime',
  'hardware',
  'ram',
  'task',
  'today',
  'total',
  'all',
  'reliability',
  'version',
  'tags',
  'created',
  'update',
  'id',
] as const
export type FleetSort = (typeof fleetSorts)[number]

export const fleetGroupings = ['none', 'tag'] as const
export type FleetGrouping = (typeof fleetGroupings)[number]

/** What the user wants to see of the fleet. Empty means: any. */
export interface FleetView {
  search: string
  statuses: readonly WorkerStatus[]
  tag: string
  gpu: string
  version: string
  sort: FleetSort
  descending: boolean
  /** What the rows of the table are put together by. */
  group: FleetGrouping
}

export const wholeFleet: FleetView = {
  ...{ search: '', statuses: [], tag: '', gpu: '', version: '' },
  ...{ sort: 'name', descending: false, group: 'none' },
}

/** Where large values are looked for first. */
export const startsDescending = (sort: FleetSort): boolean =>
  (['uptime', 'ram', 'today', 'total', 'all', 'reliability', 'created', 'update'] as FleetSort[]).includes(sort)

/** What is known of a worker beside its own documents. */
export interface FleetFacts {
  today(id: string): bigint
  /** Of the last 30 days. */
  total(id: string): bigint
  /** Since it was made; null: not known yet. */
  all(id: string): bigint | null
  /** Tasks of the last 30 days: completed, and all that ended. */
  outcome(id: string): { done: number; all: number }
  jobName(row: FleetRow): string
}

/** 0..1; null while nothing ended here yet. */
export const reliabilityOf = ({ done, all }: { done: number; all: number }): number | null => (all === 0 ? null : done / all)

/** Since when a worker runs without a break; null while it is not heard. */
export function upSince(row: FleetRow): number | null {
  if (row.node === null || row.node.stoppedAt !== undefined) return null
  return row.presence?.connected === true ? row.presence.since : null
}

/** The rows that are shown, in order. Every word of the search must be found. Rows without a value stand last either way. */
export function viewFleet(rows: readonly FleetRow[], view: FleetView, facts: FleetFacts): FleetRow[] {
  // Read once: what a page gives is watched, and each look at it costs more than the comparison it is for.
  const { search, statuses: wanted, tag, gpu, version, sort, descending } = view
  const terms = search.toLowerCase().split(/\s+/).filter(Boolean)
  const statuses = new Set(wanted)
  const ordered = inNameOrder(rows)
  const isFiltered = statuses.size > 0 || tag !== '' || gpu !== '' || version !== '' || terms.length > 0
  const isWanted = (row: FleetRow): boolean =>
    (statuses.size === 0 || statuses.has(row.status.status)) &&
    (tag === '' || row.worker.tags.includes(tag)) &&
    (gpu === '' || (row.node?.hardware.gpus.some(({ name }) => name === gpu) ?? false)) &&
    (version === '' || row.node?.appVersion === version) &&
    terms.every((term) => row.haystack.includes(term))
  const found = isFiltered ? ordered.filter(isWanted) : ordered
  if (sort === 'name') return descending ? found.reverse() : found
  const direction = descending ? -1 : 1
  // What is equal stays in the order of names.
  return found
    .map((row) => ({ row, value: sortValue(row, sort, facts) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null)
      return direction * compare(a.value, b.value)
    })
    .map(({ row }) => row)
}

type SortValue = string | number | bigint
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
const compareNames = (a: FleetRow, b: FleetRow): number => collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1)

let named: { rows: readonly Pick<FleetRow, 'id' | 'name'>[]; order: readonly number[] } = { rows: [], order: [] }

/** Comparing names the way people do is slow, and names seldom change: their order is kept until one does. */
function inNameOrder(rows: readonly FleetRow[]): FleetRow[] {
  const isSame =
    named.rows.length === rows.length &&
    named.rows.every((row, at) => rows[at] === row || (rows[at]?.id === row.id && rows[at].name === row.name))
  if (isSame) named = { rows, order: named.order }
  else {
    const places = rows.map((row, place) => ({ row, place })).sort((a, b) => compareNames(a.row, b.row))
    named = { rows, order: places.map(({ place }) => place) }
  }
  const ordered: FleetRow[] = []
  for (const place of named.order) {
    const row = rows[place]
    if (row !== undefined) ordered.push(row)
  }
  return ordered
}

function compare(a: SortValue, b: SortValue): number {
  if (typeof a === 'string' && typeof b === 'string') return collator.compare(a, b)
  return a < b ? -1 : a > b ? 1 : 0
}

const orNull = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text)

function sortValue(row: FleetRow, sort: FleetSort, facts: FleetFacts): SortValue | null {
  switch (sort) {
    case 'name':
      return row.name
    case 'status':
      return attentionOrder[row.status.status]
    case 'uptime': {
      const since = upSince(row)
      return since === null ? null : -since
    }
    case 'hardware':
      return orNull(row.node?.hardware.gpus[0]?.name)
    case 'ram':
      return row.node?.hardware.ramMiB ?? null
    case 'task':
      return orNull(facts.jobName(row))
    case 'today':
      return facts.today(row.id)
    case 'total':
      return facts.total(row.id)
    case 'all':
      return facts.all(row.id)
    case 'reliability':
      return reliabilityOf(facts.outcome(row.id))
    case 'version':
      return orNull(row.node?.appVersion)
    case 'tags':
      return orNull([...row.worker.tags].sort().join(', '))
    case 'created':
      return row.worker.createdAt
    case 'update':
      return row.updatedAt
    case 'id':
      return row.id
  }
}

export interface Facets {
  statuses: WorkerStatus[]
  tags: string[]
  gpus: string[]
  versions: string[]
}

/** What there is to filter by, from the workers that are there; the same object while it stays the same. */
export function createFacets(): (rows: readonly FleetRow[]) => Facets {
  const statusTally = createTally((row: FleetRow) => [row.status.status])
  const tagTally = createTally((row: FleetRow) => row.worker.tags)
  const gpuTally = createTally((row: FleetRow) => row.node?.hardware.gpus.map(({ name }) => name) ?? [])
  const versionTally = createTally((row: FleetRow) => (row.node ? [row.node.appVersion] : []))
  const sorted = (counts: ReadonlyMap<string, number>): string[] => [...counts.keys()].sort((a, b) => collator.compare(a, b))
  let facets: Facets = { statuses: [], tags: [], gpus: [], versions: [] }
  return (rows) => {
    const statuses = statusTally(rows)
    const next: Facets = {
      statuses: workerStatuses.filter((status) => statuses.has(status)),
      tags: sorted(tagTally(rows)),
      gpus: sorted(gpuTally(rows)),
      versions: sorted(versionTally(rows)).reverse(),
    }
    const isSame = (Object.keys(next) as (keyof Facets)[]).every((key) => next[key].join('\n') === facets[key].join('\n'))
    if (!isSame) facets = next
    return facets
  }
}
