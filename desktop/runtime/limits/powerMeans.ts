import { execFile } from 'node:child_process'
import { readdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { durations } from '#shared/durations.ts'

/** What a card may draw, in watts. */
export interface CardPower {
  /** As in the inventory: NVIDIA's UUID, or the PCI address. */
  uuid: string
  defaultW: number
  leastW: number
  mostW: number
  limitW: number
}

/** One vendor's way to the limits of its cards. Both reject with the system's own reason. */
export interface PowerMeans {
  list(): Promise<CardPower[]>
  limit(uuid: string, watts: number): Promise<void>
}

export type PowerTool = (args: readonly string[]) => Promise<string>

const fields = 'uuid,power.default_limit,power.min_limit,power.max_limit,power.limit'

/** Lines such as `GPU-9b9e…, 450.00, 150.00, 600.00, 450.00`; cards that cannot be capped say `[N/A]` and are left out. */
export function parsePowerLimits(text: string): CardPower[] {
  return text.split('\n').flatMap((line) => {
    const [uuid = '', ...numbers] = line.split(',').map((cell) => cell.trim())
    const [defaultW, leastW, mostW, limitW] = numbers.map(Number)
    if (!uuid.startsWith('GPU-') || defaultW === undefined || leastW === undefined || mostW === undefined || limitW === undefined) return []
    return [defaultW, leastW, mostW, limitW].every((watts) => watts > 0) ? [{ uuid, defaultW, leastW, mostW, limitW }] : []
  })
}

export function nvidiaPower(tool: PowerTool = nvidiaSmi): PowerMeans {
  return {
    list: async () => parsePowerLimits(await tool([`--query-gpu=${fields}`, '--format=csv,noheader,nounits'])),
    limit: async (uuid, watts) => void (await tool(['-i', uuid, '-pl', String(watts)])),
  }
}

const nvidiaSmi: PowerTool = async (args) =>
  (await promisify(execFile)('nvidia-smi', [...args], { timeout: durations.requestTimeoutMs, windowsHide: true })).stdout

const microwatts = 1_000_000

/**
 * The files of each driver on Linux, in microwatts (docs.kernel.org, `amdgpu` and `sysfs-driver-intel-i915-hwmon`). AMD says the usual limit and what the
 * card allows; Intel says only the rated one, below which anything goes that keeps a card alive: never less than half of it.
 */
const drivers: Record<string, { limit: string; usual: string; least: string | null; most: string }> = {
  '0x1002': { limit: 'power1_cap', usual: 'power1_cap_default', least: 'power1_cap_min', most: 'power1_cap_max' },
  '0x8086': { limit: 'power1_max', usual: 'power1_rated_max', least: null, most: 'power1_rated_max' },
}

/** Cards of AMD and Intel on Linux, by the small files of their drivers. Tested with constructed files; not run on a card. */
export function sysfsPower(root = '/sys/class/drm'): PowerMeans {
  const sensorsOf = async (): Promise<Array<{ uuid: string; folder: string; files: (typeof drivers)[string] }>> => {
    const names = (await readdir(root).catch(() => [])).filter((name) => /^card\d+$/.test(name))
    const found = await Promise.all(
      names.map(async (name) => {
        const device = join(root, name, 'device')
        const files = drivers[await text(join(device, 'vendor'))]
        const [sensors] = await readdir(join(device, 'hwmon')).catch(() => [])
        if (files === undefined || sensors === undefined) return []
        return [{ uuid: basename(await realpath(device)), folder: join(device, 'hwmon', sensors), files }]
      }),
    )
    return found.flat()
  }
  return {
    async list() {
      const cards = await Promise.all(
        (await sensorsOf()).map(async ({ uuid, folder, files }) => {
          const watts = async (name: string | null) => (name === null ? null : wattsIn(await text(join(folder, name))))
          const [limitW, mostW] = [await watts(files.limit), await watts(files.most)]
          if (limitW === null || mostW === null) return []
          const defaultW = (await watts(files.usual)) ?? mostW
          return [{ uuid, defaultW, mostW, limitW, leastW: (await watts(files.least)) ?? defaultW / 2 }]
        }),
      )
      return cards.flat()
    },
    async limit(uuid, watts) {
      const card = (await sensorsOf()).find((one) => one.uuid === uuid)
      // Taken out meanwhile: there is nothing to put back.
      if (card !== undefined) await writeFile(join(card.folder, card.files.limit), String(Math.round(watts * microwatts)))
    },
  }
}

/** Whatever card this computer has. What a vendor's means cannot say is left out; when none of them works, the first reason is told. */
export function allPower(means: readonly PowerMeans[]): PowerMeans {
  const owners = new Map<string, PowerMeans>()
  return {
    async list() {
      const asked = await Promise.allSettled(means.map((one) => one.list()))
      const cards = asked.flatMap((answer, index) => {
        const one = means[index]
        if (answer.status === 'rejected' || one === undefined) return []
        for (const { uuid } of answer.value) owners.set(uuid, one)
        return answer.value
      })
      const failed = asked.find((answer) => answer.status === 'rejected')
      if (cards.length === 0 && failed !== undefined) throw failed.reason
      return cards
    },
    async limit(uuid, watts) {
      if (!owners.has(uuid)) await this.list()
      const owner = owners.get(uuid)
      if (owner === undefined) throw new Error(`there is no card ${uuid} whose power can be limited`)
      await owner.limit(uuid, watts)
    },
  }
}

/** Empty where the file is not there: not every card has every one. */
const text = async (path: string): Promise<string> => (await readFile(path, 'utf8').catch(() => '')).trim()

const wattsIn = (file: string): number | null => (/^\d+$/.test(file) && Number(file) > 0 ? Number(file) / microwatts : null)
