import { useI18n } from 'vue-i18n'
import type { FleetSort } from './fleetView.ts'

const older = new Set<FleetSort>(['name', 'status', 'task', 'hardware', 'today', 'total', 'update'])

/** What the columns of the list of workers are called. */
export function useColumnNames(): (key: FleetSort) => string {
  const { t } = useI18n()
  return (key) => t(older.has(key) ? `workers.columns.${key}` : `manage.columns.${key}`)
}
