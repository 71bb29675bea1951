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
 */
export function parseNvidiaSmiLine(line: string): LiveGpu | null {
  const cells = line.split(',').map((cell) => cell.trim())
  const [uuid, name] = cells
  if (cells.length !== fields.length || uuid === undefined || name === undefined || !/^(GPU|MIG)-/.test(uuid)) return null
  const [utilisationPercent, memoryUsedMiB, memoryTotalMiB, temperatureC, powerW, fanPercent, clockMHz] = cells.slice(2).map(number)
  return {
    uuid,
    name,
    utilisationPercent: utilisationPercent ?? null,
    memoryUsedMiB: memoryUsedMiB ?? null,
    memoryTotalMiB: memoryTotalMiB ?? null,
    temperatureC: temperatureC ?? null,
    powerW: powerW ?? null,
    fanPercent: fanPercent ?? null,
    clockMHz: clockMHz ?? null,
  }
}

const number = (cell: string): number | null => (/^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : null)
