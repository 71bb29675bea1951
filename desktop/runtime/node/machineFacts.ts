import { readdir, readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { Logger } from '#shared/log.ts'

export type MachineFacts = Pick<NodeDocument['hardware'], 'hasBattery' | 'displays' | 'networks' | 'disks'>

/** Battery, displays, networks: looked at once, at the start. A system that does not say leaves them out. */
export async function machineFacts(log: Logger): Promise<MachineFacts> {
  if (process.platform === 'linux') return linuxFacts('/sys/class')
  try {
    // Loaded here, not at the top: it is large, and needed once.
    const { default: systeminformation } = await import('systeminformation')
    const [battery, graphics, disks] = await Promise.all([
      systeminformation.battery(),
      systeminformation.graphics(),
      systeminformation.diskLayout(),
    ])
    return {
      hasBattery: battery.hasBattery,
      displays: graphics.displays.length,
      networks: networksByName(Object.keys(networkInterfaces())),
      disks: disks.slice(0, disksMost).map(({ name, device, type, size }) => ({
        name: (name || device).slice(0, 100),
        kind: /ssd|nvme/i.test(type) ? ('ssd' as const) : /hd/i.test(type) ? ('hdd' as const) : ('other' as const),
        sizeMiB: Math.floor(size / 1024 ** 2),
      })),
    }
  } catch (error) {
    log.warn('battery and displays could not be asked for', { reason: error instanceof Error ? error.message : String(error) })
    return {}
  }
}

/** From the small files of `/sys/class`; exported for tests with a recorded folder. */
export async function linuxFacts(root: string): Promise<MachineFacts> {
  const list = (name: string) => readdir(join(root, name)).catch(() => [])
  const read = async (...path: string[]) => (await readFile(join(root, ...path), 'utf8').catch(() => '')).trim()
  const supplies = await list('power_supply')
  const kinds = await Promise.all(supplies.map((name) => read('power_supply', name, 'type')))
  // A mouse has a battery too; what runs the computer has the scope of the system, or none written down.
  const scopes = await Promise.all(supplies.map((name) => read('power_supply', name, 'scope')))
  const connectors = (await list('drm')).filter((name) => /^card\d+-/.test(name))
  const states = await Promise.all(connectors.map((name) => read('drm', name, 'status')))
  const wireless = new Set<string>()
  const names = (await list('net')).filter((name) => name !== 'lo')
  for (const name of names)
    if ((await list(join('net', name))).some((entry) => entry === 'wireless' || entry === 'phy80211')) wireless.add(name)
  return {
    hasBattery: kinds.some((kind, index) => kind === 'Battery' && scopes[index] !== 'Device'),
    displays: states.filter((state) => state === 'connected').length,
    networks: networksByName(names, wireless),
    ...(await linuxDisks(join(root, '..', 'block'))),
  }
}

const disksMost = 50
/** The kernel counts in these, whatever the disk's own are. */
const sectorBytes = 512

/** Whole disks: no partitions, no loops, no memory. */
async function linuxDisks(root: string): Promise<Pick<MachineFacts, 'disks'>> {
  const read = async (...path: string[]) => (await readFile(join(root, ...path), 'utf8').catch(() => '')).trim()
  const names = (await readdir(root).catch(() => [])).filter((name) => !/^(loop|ram|zram|dm-|md|sr|fd|nbd)\d*/.test(name))
  const disks = await Promise.all(
    names.slice(0, disksMost).map(async (name) => {
      const [model, turns, sectors] = await Promise.all([
        read(name, 'device', 'model'),
        read(name, 'queue', 'rotational'),
        read(name, 'size'),
      ])
      const kind = turns === '0' ? ('ssd' as const) : turns === '1' ? ('hdd' as const) : ('other' as const)
      return { name: (model || name).slice(0, 100), kind, sizeMiB: Math.floor((Number(sectors) * sectorBytes) / 1024 ** 2) }
    }),
  )
  return names.length === 0 ? {} : { disks: disks.filter(({ sizeMiB }) => sizeMiB > 0) }
}

function networksByName(names: readonly string[], wireless: ReadonlySet<string> = new Set()): NonNullable<MachineFacts['networks']> {
  return names
    .filter((name) => !/^(lo|docker|veth|br-|virbr|tun|tap|wg)/.test(name))
    .slice(0, 50)
    .map((name) => {
      const kind = wireless.has(name) || /^(wl|wi-?fi)/i.test(name) ? 'wireless' : /^(en|eth|ethernet)/i.test(name) ? 'wired' : 'other'
      return { name, kind }
    })
}
