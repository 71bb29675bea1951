import type { NodeDocument } from '#shared/collections/node.schema.ts'

type Gpu = Pick<NodeDocument['hardware']['gpus'][number], 'uuid' | 'vendor'>

/** How something is done on this system. `unverified`: written for it, and never run on a real one; `missing`: not to be had here. */
export interface SystemMean {
  what: 'containment' | 'cardTelemetry' | 'powerCap' | 'foreignUse' | 'pause' | 'service'
  how: string
  state: 'works' | 'unverified' | 'missing'
}

export interface SystemFacts {
  platform: string
  gpus: readonly Gpu[]
  /** In words of the engine: `bubblewrap+cgroup`. */
  containment: string
  hasSystemd: boolean
}

/** What is used here, beside the facts that preferences look at; what was only tested with recorded or constructed input says so. Pure. */
export function systemMeans({ platform, gpus, containment, hasSystemd }: SystemFacts): SystemMean[] {
  const linux = platform === 'linux'
  const jobs = containment.endsWith('+jobObject')
  const cards = [...new Set(gpus.flatMap(vendorOf))].sort()
  const mean = (what: SystemMean['what'], how: string, state: SystemMean['state']): SystemMean => ({ what, how, state })
  return [
    mean('containment', containment, linux ? 'works' : 'unverified'),
    ...cards.map((vendor) => mean('cardTelemetry', ...ifAny(telemetry(vendor, linux)))),
    ...cards.map((vendor) => mean('powerCap', ...ifAny(power(vendor, linux)))),
    linux ? mean('foreignUse', '/proc', 'works') : mean('foreignUse', platform === 'win32' ? 'Win32_Process' : 'ps', 'unverified'),
    platform === 'win32'
      ? mean('pause', jobs ? 'NtSuspendProcess on the job' : '', jobs ? 'unverified' : 'missing')
      : mean('pause', 'SIGSTOP', linux ? 'works' : 'unverified'),
    service(platform, hasSystemd),
  ]
}

function vendorOf({ uuid, vendor }: Gpu): string[] {
  if (uuid.startsWith('GPU-')) return ['NVIDIA']
  return ['AMD', 'Intel', 'Apple'].filter((name) => new RegExp(name, 'i').test(vendor))
}

const telemetry = (vendor: string, linux: boolean): string =>
  vendor === 'NVIDIA' ? 'nvidia-smi' : vendor === 'Apple' ? 'ioreg' : linux ? '/sys/class/drm' : ''

const power = (vendor: string, linux: boolean): string =>
  vendor === 'NVIDIA' ? 'nvidia-smi -pl' : linux && vendor !== 'Apple' ? 'power cap of the driver (hwmon)' : ''

/** No card was at hand: what there is for them was tested with recorded or constructed output. */
const ifAny = (how: string): [how: string, state: SystemMean['state']] => [how, how === '' ? 'missing' : 'unverified']

function service(platform: string, hasSystemd: boolean): SystemMean {
  if (platform === 'win32') return { what: 'service', how: 'Windows service', state: 'unverified' }
  if (platform === 'darwin') return { what: 'service', how: 'launchd', state: 'unverified' }
  // The unit is looked over by systemd's own tool in the tests; none of them is run by a systemd.
  return hasSystemd ? { what: 'service', how: 'systemd', state: 'unverified' } : { what: 'service', how: '', state: 'missing' }
}
