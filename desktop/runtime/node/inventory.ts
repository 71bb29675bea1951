import { readdir, readFile, statfs } from 'node:fs/promises'
import { arch, availableParallelism, cpus, hostname, platform, release, totalmem, networkInterfaces } from 'node:os'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Systeminformation } from 'systeminformation'
import type { z } from 'zod'
import type { gpuSchema, NodeDocument } from '#shared/collections/node.schema.ts'
import { durations } from '#shared/durations.ts'
import type { Logger } from '#shared/log.ts'
import { sysfsAddress } from '../telemetry/watchCards.ts'
import { ownAddresses } from './ownAddresses.ts'
import { machineFacts } from './machineFacts.ts'

const mib = 1024 * 1024
type Controller = Systeminformation.GraphicsControllerData
type Gpu = z.infer<typeof gpuSchema>

export type Inventory = Pick<NodeDocument, 'os' | 'hardware'>

/** What this computer is. Cheap but for the graphics cards, which may start tools of the system; done once at the start. */
export async function takeInventory(dataFolder: string, log: Logger): Promise<Inventory> {
  const [gpus, name, diskFreeMiB, diskTotal, machine] = await Promise.all([
    findGpus(log),
    systemName(),
    freeMiB(dataFolder),
    totalBytes(dataFolder),
    machineFacts(log),
  ])
  return {
    os: {
      platform: platform(),
      name,
      release: release(),
      arch: arch(),
      hostname: hostname(),
      addresses: ownAddresses(networkInterfaces()),
    },
    hardware: {
      cpuName: cpus()[0]?.model.trim() ?? 'unknown',
      cpuCores: availableParallelism(),
      ramMiB: Math.floor(totalmem() / mib),
      diskFreeMiB,
      diskTotalMiB: diskTotal === null ? null : Math.floor(diskTotal / mib),
      gpus,
      ...machine,
    },
  }
}

/** Free for us on the disk of a folder; null where the system does not say. */
export async function freeMiB(folder: string): Promise<number | null> {
  const bytes = await freeBytes(folder)
  return bytes === null ? null : Math.floor(bytes / mib)
}
export async function freeBytes(folder: string): Promise<number | null> {
  const found = await statfs(folder).catch(() => null)
  return found === null ? null : found.bavail * found.bsize
}
export async function totalBytes(folder: string): Promise<number | null> {
  const found = await statfs(folder).catch(() => null)
  return found === null ? null : found.blocks * found.bsize
}

async function systemName(): Promise<string> {
  if (platform() !== 'linux') return platform() === 'darwin' ? 'macOS' : platform() === 'win32' ? 'Windows' : platform()
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '')
  return /^PRETTY_NAME="?(.*?)"?$/m.exec(text)?.[1] ?? 'Linux'
}

async function findGpus(log: Logger): Promise<Gpu[]> {
  const nvidia = await nvidiaCards()
  if (!(await mayHaveOtherCards())) return nvidia
  try {
    // Loaded here, not at the top: it is large, and needed once.
    const { default: systeminformation } = await import('systeminformation')
    const { controllers } = await systeminformation.graphics()
    const others = controllers.filter((card) => isCard(card) && !(nvidia.length > 0 && /nvidia/i.test(card.vendor)))
    return [...nvidia, ...others.map((card, index) => fromController(card, nvidia.length + index))]
  } catch (error) {
    log.warn('the graphics cards could not be listed', { reason: error instanceof Error ? error.message : String(error) })
    return nvidia
  }
}

/** Linux says so in a few small files: PCI devices of the class display (0x03…) of AMD or Intel. Elsewhere only asking tells. */
async function mayHaveOtherCards(folder = '/sys/bus/pci/devices'): Promise<boolean> {
  if (platform() !== 'linux') return true
  const read = async (device: string, file: string) => (await readFile(`${folder}/${device}/${file}`, 'utf8').catch(() => '')).trim()
  const devices = await readdir(folder).catch(() => [])
  const cards = await Promise.all(
    devices.map(async (device) => (await read(device, 'class')).startsWith('0x03') && /^0x(1002|8086)$/.test(await read(device, 'vendor'))),
  )
  return cards.includes(true)
}

const fromController = (card: Controller, index: number): Gpu => ({
  index,
  // As the system writes it, so that the card is found again among its files.
  uuid: sysfsAddress(card.pciBus ?? card.busAddress ?? '') ?? card.pciBus ?? card.busAddress ?? `card-${index}`,
  name: card.name ?? card.model,
  vendor: card.vendor,
  vramMiB: card.memoryTotal ?? card.vram ?? null,
  driverVersion: card.driverVersion ?? null,
})

const nvidiaFields = ['index', 'uuid', 'name', 'memory.total', 'driver_version', 'pci.bus_id', 'compute_cap']

/** NVIDIA's own tool knows the UUIDs by which a render is limited to one card. */
async function nvidiaCards(): Promise<Gpu[]> {
  const ask = (fields: readonly string[]) =>
    promisify(execFile)('nvidia-smi', [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits'], {
      timeout: durations.probeTimeoutMs,
      windowsHide: true,
    })
  // Drivers before 510 do not know the compute capability and refuse the whole question.
  const answer = await ask(nvidiaFields).catch(() => ask(nvidiaFields.slice(0, -1)).catch(() => null))
  return (answer?.stdout ?? '').split('\n').flatMap(parseNvidiaCard)
}

/** One line such as `0, GPU-9b9e…, NVIDIA GeForce RTX 4090, 24564, 550.54.14, 00000000:01:00.0, 8.9`; anything else is no card. */
export function parseNvidiaCard(line: string): Gpu[] {
  const [index, uuid, name, vram, driverVersion, pciBus, capability] = line.split(',').map((cell) => cell.trim())
  if (uuid === undefined || name === undefined || !uuid.startsWith('GPU-')) return []
  const facts = { vramMiB: Number(vram) || null, driverVersion: driverVersion ?? null, pciBus: pciBus ?? null }
  return [{ index: Number(index), uuid, name, vendor: 'NVIDIA', ...facts, computeCapability: known(capability) }]
}

const known = (cell: string | undefined): string | null => (cell !== undefined && /^\d/.test(cell) ? cell : null)

/** Screens of virtual machines and of servers' management are listed as controllers, but nothing renders on them. */
const isCard = ({ vendor, model }: { vendor: string; model: string }) =>
  !/virtio|vmware|virtualbox|qxl|cirrus|aspeed|matrox|hyper-v|basic (render|display)|bochs/i.test(`${vendor} ${model}`)
