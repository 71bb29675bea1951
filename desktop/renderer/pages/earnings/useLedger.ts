import { computed, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import type { Earning } from '#shared/collections/earning.schema.ts'
import { toAppError, type AppError } from '#shared/errors/appError.ts'
import type { LedgerTotals } from '#shared/rules/ledgerTotals.ts'
import { dashboardWindows } from '#shared/sync/windows.ts'
import type { PagePlace } from '../../data/documentPages.ts'
import { useData, useDocuments } from '../../data/dataLink.ts'
import { useSummary } from '../../data/useSummary.ts'
import { useWaiting } from '../../ui/useWaiting.ts'
import { askedOf, filterLedger, sumLedger, type LedgerFilter } from './ledger.ts'
import { groupLedger, groupsOfSums, totalsOfSum, type LedgerGroup, type LedgerGrouping } from './ledgerGroups.ts'
import { readLedgerPage } from './readLedger.ts'

/** Lines of totals over a large ledger cost its server about a tenth of a second. */
const groupsMs = 15_000
/** A server that has not answered by then is busy or old: what is here is shown, and said to be a part. */
const patienceMs = 10_000
/** So many more are wanted at a time, … */
const moreAtOnce = 1_000
/** … for which at most so many pages are read before somebody is asked again: of a rare state there may be few among many. */
const pagesAtOnce = 20
/** A list that is longer than this is not looked through by anybody; who wants more narrows it. */
const mostListed = 50_000

export interface Ledger {
  loaded: ComputedRef<boolean>
  /** What there is to choose from: of the entries that are here, and of all once somebody wants to choose. */
  nodeIds: ComputedRef<ReadonlySet<string>>
  jobNames: ComputedRef<ReadonlyMap<string, string>>
  wantChoices(): void
  isEmpty: ComputedRef<boolean>
  /** Those that fit, newest first, as far as they were read. */
  shown: ComputedRef<readonly Earning[]>
  /** Over all entries (null while that is coming), and over those that fit: also over those that are not here, while `isWhole`. */
  all: ComputedRef<LedgerTotals | null>
  totals: ComputedRef<LedgerTotals>
  groups: ComputedRef<readonly LedgerGroup[]>
  /** False: the server has not answered yet or cannot, and totals count only what is here. */
  isWhole: ComputedRef<boolean>
  /** The server is asked for them: what could be shown until it answers would be a part, or nothing. */
  totalsComing: Readonly<Ref<boolean>>
  groupsComing: Readonly<Ref<boolean>>
  /** Everything that fits is here. */
  isHere: ComputedRef<boolean>
  canLoad: ComputedRef<boolean>
  loading: Ref<boolean>
  problem: Ref<AppError | null>
  loadMore(): Promise<void>
}

/** This computer's zone, by whose days the ledger is looked at. */
const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

/**
 * The ledger as one page looks at it: the newest entries from what the page holds, older ones page by page from the peer, and totals of all of
 * it from the server's exact sums. Where everything is here, it is counted here.
 */
export function useLedger(filter: Readonly<LedgerFilter>, by: Readonly<Ref<LedgerGrouping>>, nameOf: (nodeId: string) => string): Ledger {
  const data = useData()
  const held = useDocuments('earnings', { sort: [{ createdAt: 'desc' }] })
  const asked = computed(() => askedOf(filter))
  const isNarrowed = computed(() => Object.keys(asked.value).length > 0)
  const changes = (): unknown => held.documents
  const sumsOf = (grouping: 'all' | 'day' | 'worker' | 'job') => ({ filter: asked.value, by: grouping, zone: zone() })
  const everything = useSummary('earnings.sums', () => ({ filter: {}, by: 'all' as const, zone: 'UTC' }), changes, { slot: 'ledger.all' })
  const countOfAll = computed(() => everything.value?.groups.reduce((sum, { count }) => sum + count, 0) ?? null)
  /** Beside a server, what is fewer than the window is all there is; a computer that works for itself has it all. */
  const isAllHere = computed(() => {
    if (!held.loaded) return false
    if (countOfAll.value !== null) return held.documents.length >= countOfAll.value
    if (data.place === 'runtime') return data.uplink.value?.state === 'local'
    return held.documents.length < (dashboardWindows.earnings?.newest ?? 0)
  })
  const narrowed = useSummary('earnings.sums', () => (isAllHere.value || !isNarrowed.value ? null : sumsOf('all')), changes, {
    slot: 'ledger.narrowed',
  })
  const grouped = useSummary('earnings.sums', () => (isAllHere.value || by.value === 'entries' ? null : sumsOf(by.value)), changes, {
    slot: 'ledger.grouped',
    leastMs: groupsMs,
  })
  const wantsChoices = shallowRef(false)
  const choicesOf = (grouping: 'worker' | 'job') =>
    useSummary(
      'earnings.sums',
      () => (isAllHere.value || !wantsChoices.value ? null : { filter: {}, by: grouping, zone: 'UTC' as const }),
      () => null,
      { slot: `ledger.choices.${grouping}` },
    )
  const workerChoices = choicesOf('worker')
  const jobChoices = choicesOf('job')
  const sums = computed(() => (isNarrowed.value ? narrowed.value : everything.value))
  const isAsked = computed(() => held.loaded && !isAllHere.value && data.connection.value.name === 'live')
  const totalsComing = useWaiting(() => isAsked.value && sums.value === null, patienceMs)
  const groupsComing = useWaiting(() => isAsked.value && by.value !== 'entries' && grouped.value === null, patienceMs)
  const allComing = useWaiting(() => isAsked.value && everything.value === null, patienceMs)

  const older = shallowRef<ReadonlyMap<string, Earning>>(new Map())
  const place = shallowRef<PagePlace | 'end' | null>(null)
  const loading = shallowRef(false)
  const problem = shallowRef<AppError | null>(null)
  watch(asked, () => {
    older.value = new Map()
    place.value = null
    problem.value = null
  })

  const fitting = computed(() => filterLedger(held.documents, filter))
  const shown = computed(() => {
    if (older.value.size === 0) return fitting.value
    const ids = new Set(fitting.value.map(({ id }) => id))
    const rest = [...older.value.values()].filter(({ id }) => !ids.has(id))
    return [...fitting.value, ...rest].sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
  })
  const known = computed(() => (older.value.size === 0 ? held.documents : [...held.documents, ...older.value.values()]))
  const none = sumLedger([])
  const totals = computed(() => {
    if (isAllHere.value || sums.value === null) return sumLedger(shown.value)
    const [whole] = sums.value.groups
    return whole === undefined ? none : totalsOfSum(whole)
  })
  const isHere = computed(() => isAllHere.value || (sums.value !== null && shown.value.length >= totals.value.count))

  async function loadMore(): Promise<void> {
    let from = place.value
    if (loading.value || from === 'end') return
    const wanted = asked.value
    const wantedCount = Math.min(shown.value.length + moreAtOnce, mostListed)
    loading.value = true
    problem.value = null
    try {
      for (let pages = 0; pages < pagesAtOnce && shown.value.length < wantedCount; pages += 1) {
        const page = await readLedgerPage((...given) => data.call(...given), wanted, from)
        // Another filter was chosen meanwhile.
        if (wanted !== asked.value) return
        const next = new Map(older.value)
        for (const entry of page.entries) next.set(entry.id, entry)
        older.value = next
        place.value = page.next ?? 'end'
        if (page.next === null) break
        from = page.next
      }
    } catch (thrown) {
      if (wanted === asked.value) problem.value = toAppError(thrown)
    } finally {
      loading.value = false
    }
  }

  return {
    loaded: computed(() => held.loaded),
    isEmpty: computed(() => held.loaded && held.documents.length === 0 && (countOfAll.value ?? 0) === 0),
    nodeIds: computed(
      () => new Set([...(workerChoices.value?.groups ?? []).map(({ key }) => key), ...known.value.map(({ nodeId }) => nodeId)]),
    ),
    jobNames: computed(
      () =>
        new Map([
          ...(jobChoices.value?.groups ?? []).map(({ key, name }) => [key, name] as const),
          ...(grouped.value !== null && by.value === 'job' ? grouped.value.groups : []).map(({ key, name }) => [key, name] as const),
          ...known.value.map(({ jobId, jobName }) => [jobId, jobName] as const),
        ]),
    ),
    wantChoices: () => void (wantsChoices.value = true),
    ...{ shown, totals, totalsComing, groupsComing, isHere, loading, problem, loadMore },
    all: computed(() => {
      if (allComing.value) return null
      const [whole] = everything.value?.groups ?? []
      return isAllHere.value || whole === undefined ? sumLedger(held.documents) : totalsOfSum(whole)
    }),
    groups: computed(() => {
      if (by.value === 'entries') return []
      if (isAllHere.value || grouped.value === null) return groupLedger(shown.value, by.value, nameOf)
      return groupsOfSums(grouped.value.groups, by.value, nameOf)
    }),
    isWhole: computed(() => isAllHere.value || (by.value === 'entries' ? sums.value !== null : grouped.value !== null)),
    canLoad: computed(
      () => !isHere.value && place.value !== 'end' && shown.value.length < mostListed && data.connection.value.name === 'live',
    ),
  }
}
