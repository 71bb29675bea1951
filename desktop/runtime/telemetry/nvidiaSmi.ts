import type { LiveGpu } from '#shared/sync/live.ts'

/** Asked for in this order; `parseNvidiaSmiLine` reads it. */
const fields = ['uuid', 'name', 'utilization.gpu', 'memory.used', 'memory.total', 'temperature.gpu', 'power.draw', 'fan.speed', 'clocks.sm']

/** One process that prints a line per card every `intervalMs`, instead of one process a second. */
export const nvidiaSmiArguments = (intervalMs: number): string[] => [
  `--query-gpu=${fields.join(',')}`,
  '--format=csv,noheader,nounits',
  `--loop-ms=${intervalMs}`,
]

/**
 * One line of `nvidia-smi --format=csv,noheader,nounits`; null for anything else (messages of the driver).
 * Values a card does not have are written as `[N/A]`, `N/A` or `[Not Supported]`, by version.
 * @param columns what was asked for, in this order
 */
export function parseNvidiaSmiLine(line: string, columns: readonly string[] = fields): LiveGpu | null {
  const cells = line.split(',').map((cell) => cell.trim())
  if (cells.length !== columns.length) return null
  const cell = (column: string): string => cells[columns.indexOf(column)] ?? ''
  const number = (column: string): number | null => (/^-?\d+(\.\d+)?$/.test(cell(column)) ? Number(cell(column)) : null)
  if (!/^(GPU|MIG)-/.test(cell('uuid'))) return null
  return {
    uuid: cell('uuid'),
    name: cell('name'),
    utilisationPercent: number('utilization.gpu'),
    memoryUsedMiB: number('memory.used'),
    memoryTotalMiB: number('memory.total'),
    temperatureC: number('temperature.gpu'),
    powerW: number('power.draw'),
    fanPercent: number('fan.speed'),
    clockMHz: number('clocks.sm'),
  }
}
