import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The computer runs on its battery: one that feeds it discharges and no plug is in. null without such a battery, that is, on mains.
 * Batteries of mice and headsets have the scope `Device`.
 */
export async function readOnBattery(folder = '/sys/class/power_supply'): Promise<boolean | null> {
  const names = await readdir(folder).catch(() => [])
  const read = async (name: string, file: string) => (await readFile(join(folder, name, file), 'utf8').catch(() => '')).trim()
  const supplies = await Promise.all(
    names.map(async (name) => ({
      type: await read(name, 'type'),
      scope: await read(name, 'scope'),
      status: await read(name, 'status'),
      online: await read(name, 'online'),
    })),
  )
  const batteries = supplies.filter(({ type, scope }) => type === 'Battery' && scope !== 'Device')
  if (batteries.length === 0) return null
  const plugged = supplies.some(({ type, scope, online }) => type !== 'Battery' && scope !== 'Device' && online === '1')
  return !plugged && batteries.some(({ status }) => status === 'Discharging')
}
