import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { WorkerStatus } from '#shared/rules/status.ts'
import { clampWidth, defaultChoices, moveColumn, readChoices, type ColumnChoice } from './columns.ts'
import { startsDescending, wholeFleet, type FleetSort, type FleetView } from './fleetView.ts'

/** Groups that are gone are forgotten in the end. */
const mostFolded = 200

export type Layout = 'table' | 'cards'

/** How the user looks at the list of workers: filters are kept while they walk through the pages, columns and layout for ever. */
export const useWorkersView = defineStore('workersView', () => {
  const view = ref<FleetView>({ ...wholeFleet })
  const layout = useLocalStorage<Layout>('pictor.workers.layout', 'table')
  const remembered = useLocalStorage<ColumnChoice[] | null>('pictor.workers.columns', null, {
    serializer: { read: (text) => readChoices(readJson(text)), write: (choices) => JSON.stringify(choices) },
  })
  const columns = computed(() => remembered.value ?? defaultChoices())

  const filtered = computed(
    () =>
      view.value.search !== '' ||
      view.value.statuses.length > 0 ||
      view.value.tag !== '' ||
      view.value.gpu !== '' ||
      view.value.version !== '',
  )
  function sortBy(sort: FleetSort): void {
    const descending = view.value.sort === sort ? !view.value.descending : startsDescending(sort)
    view.value = { ...view.value, sort, descending }
  }
  function toggleStatus(status: WorkerStatus): void {
    const { statuses } = view.value
    view.value = {
      ...view.value,
      statuses: statuses.includes(status) ? statuses.filter((other) => other !== status) : [...statuses, status],
    }
  }
  /** Takes the filters away; order and groups stay. */
  function reset(): void {
    const { sort, descending, group } = view.value
    view.value = { ...wholeFleet, sort, descending, group }
  }
  const setColumns = (choices: readonly ColumnChoice[] | null): void => {
    remembered.value = choices === null ? null : [...choices]
  }
  const showColumn = (key: FleetSort, shown: boolean): void =>
    setColumns(columns.value.map((choice) => (choice.key === key ? { ...choice, shown } : choice)))
  const shiftColumn = (key: FleetSort, by: -1 | 1): void => setColumns(moveColumn(columns.value, key, by))
  const sizeColumn = (key: FleetSort, widthPx: number): void =>
    setColumns(columns.value.map((choice) => (choice.key === key ? { ...choice, widthPx: clampWidth(key, widthPx) } : choice)))

  /** The groups whose rows are folded away, by key. */
  const folded = useLocalStorage<string[]>('pictor.workers.folded', [])
  function fold(key: string): void {
    folded.value = folded.value.includes(key) ? folded.value.filter((other) => other !== key) : [...folded.value, key].slice(-mostFolded)
  }

  /** Whether what a column shows is looked at: in the table, or as the order of the rows. */
  const wants = (key: FleetSort): boolean =>
    view.value.sort === key || (layout.value === 'table' && columns.value.some((choice) => choice.key === key && choice.shown))

  /** Whether the user has chosen columns; else the table leaves some out where there is little room. */
  const chosen = computed(() => remembered.value !== null)

  return {
    ...{ view, layout, columns, chosen, filtered, folded },
    ...{ wants, sortBy, toggleStatus, reset, fold, setColumns, showColumn, shiftColumn, sizeColumn },
  }
})

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
