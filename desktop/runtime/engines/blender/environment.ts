import { join } from 'node:path'
import type { RenderDevice } from '../engine.ts'

/** What a driver or a system library may need; nothing that could hold a secret. Everything else of our environment stays here. */
const inherited = [
  'PATH',
  'LD_LIBRARY_PATH',
  'SystemRoot',
  'SystemDrive',
  'windir',
  'ComSpec',
  'ProgramData',
  'ProgramFiles',
  'NUMBER_OF_PROCESSORS',
  'PROCESSOR_ARCHITECTURE',
  'NVIDIA_VISIBLE_DEVICES',
  'NVIDIA_DRIVER_CAPABILITIES',
  'ROCM_PATH',
  'VK_ICD_FILENAMES',
  '__EGL_VENDOR_LIBRARY_DIRS',
  '__EGL_VENDOR_LIBRARY_FILENAMES',
]

export interface EnvironmentOptions {
  /** Our own environment. */
  from: Record<string, string | undefined>
  /** Scratch of the run; Blender's home, settings and temporary files are inside. */
  workFolder: string
  /** Outlives runs: compiled kernels of the card, which would take minutes each time. */
  cacheFolder?: string
  /** X display to draw on; absent = none. */
  display?: string
  device?: RenderDevice
}

/** Folders inside `workFolder` that must exist before Blender starts. */
export const scratchFolders = (workFolder: string) => ({
  home: join(workFolder, 'home'),
  temporary: join(workFolder, 'tmp'),
  nodes: join(workFolder, 'nodes'),
})

/** The whole environment of a Blender process: an allow-list, a home of its own, no colour management from outside. */
export function blenderEnvironment(options: EnvironmentOptions): Record<string, string> {
  const { home, temporary } = scratchFolders(options.workFolder)
  const environment: Record<string, string> = {}
  for (const name of inherited) {
    const value = options.from[name]
    if (value !== undefined) environment[name] = value
  }
  const cache = options.cacheFolder ?? join(home, 'cache')
  Object.assign(environment, {
    HOME: home,
    USERPROFILE: home,
    APPDATA: join(home, 'AppData', 'Roaming'),
    LOCALAPPDATA: join(home, 'AppData', 'Local'),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CACHE_HOME: cache,
    TMPDIR: temporary,
    TEMP: temporary,
    TMP: temporary,
    BLENDER_USER_RESOURCES: join(home, 'blender'),
    BLENDER_USER_CONFIG: join(home, 'blender', 'config'),
    BLENDER_USER_SCRIPTS: join(home, 'blender', 'scripts'),
    BLENDER_USER_DATAFILES: join(home, 'blender', 'datafiles'),
    BLENDER_USER_EXTENSIONS: join(home, 'blender', 'extensions'),
    CUDA_CACHE_PATH: join(cache, 'cuda'),
    OPTIX_CACHE_PATH: join(cache, 'optix'),
    OCIO: '',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    PYTHONNOUSERSITE: '1',
  })
  if (options.display !== undefined) {
    environment['DISPLAY'] = options.display
    const authority = options.from['XAUTHORITY']
    if (authority !== undefined && options.display === options.from['DISPLAY']) environment['XAUTHORITY'] = authority
  }
  return { ...environment, ...visibleDevices(options.device) }
}

/** Limits a run to its cards. */
function visibleDevices(device: RenderDevice | undefined): Record<string, string> {
  if (device?.kind !== 'gpu' || device.visible === undefined) return {}
  const list = device.visible.join(',')
  return { CUDA_DEVICE_ORDER: 'PCI_BUS_ID', CUDA_VISIBLE_DEVICES: list, HIP_VISIBLE_DEVICES: list, ROCR_VISIBLE_DEVICES: list }
}
