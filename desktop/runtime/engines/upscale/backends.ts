import type { Backend } from '../../upscaler/config.ts'
import type { RenderDevice } from '../engine.ts'

/** What may run the network on a system, in order of preference; the processor is always last, and always named when it was it. */
export function backendsFor(device: RenderDevice, platform: NodeJS.Platform = process.platform): Backend[] {
  if (device.kind === 'cpu') return ['CPU']
  return platform === 'win32' ? ['DIRECTML', 'WEBGPU', 'CPU'] : ['WEBGPU', 'CPU']
}

/** Those that a probe asks, each in a process of its own: a driver that crashes takes only its own answer along. */
export const probedBackends = (platform: NodeJS.Platform = process.platform): Backend[] => backendsFor({ kind: 'gpu' }, platform)
