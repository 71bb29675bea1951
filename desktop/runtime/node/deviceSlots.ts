import type { Preferences } from '#shared/collections/preferences.schema.ts'
import type { EngineSoftware, RenderDevice } from '../engines/engine.ts'
import type { Inventory } from './inventory.ts'

const gpuBackends = new Set(['OPTIX', 'CUDA', 'HIP', 'ONEAPI', 'METAL'])

export interface DeviceFacts {
  software: readonly EngineSoftware[]
  gpus: Inventory['hardware']['gpus']
  preferences: Pick<Preferences, 'cpuThreads' | 'keptGpus'>
}

/**
 * One slot for each render that may run at a time. Cards that a run can be limited to, by UUID, are a slot each, without those that are kept
 * for their owner; other cards are one slot together; the processor is one where no Blender can use a card. A computer whose cards are all
 * kept has none: a task never falls to the processor behind anybody's back.
 */
export function devicesFor({ software, gpus, preferences }: DeviceFacts): RenderDevice[] {
  if (software.length === 0) return []
  const { cpuThreads, keptGpus = [] } = preferences
  const threads = cpuThreads === undefined ? {} : { threads: cpuThreads }
  const hasGpu = software.some(({ devices }) => devices.some((device) => gpuBackends.has(device)))
  if (!hasGpu) return [{ kind: 'cpu', ...threads }]
  const named = gpus.filter(({ uuid }) => uuid.startsWith('GPU-'))
  if (named.length > 0)
    return named.filter(({ uuid }) => !keptGpus.includes(uuid)).map(({ uuid }) => ({ kind: 'gpu', visible: [uuid], ...threads }))
  return gpus.length > 0 && gpus.every(({ uuid }) => keptGpus.includes(uuid)) ? [] : [{ kind: 'gpu', ...threads }]
}

/** Two renders on the same slot would fight over it, whatever else is said about them. */
export const isSameSlot = (left: RenderDevice, right: RenderDevice): boolean => slotName(left) === slotName(right)
const slotName = (device: RenderDevice) => (device.kind === 'cpu' ? 'cpu' : `gpu ${device.visible?.join(',') ?? ''}`)

/** `devicesFor`, which answers with the same array as long as nothing changes. */
export function createDeviceSlots(facts: () => DeviceFacts): () => readonly RenderDevice[] {
  let slots: readonly RenderDevice[] = []
  return () => {
    const next = devicesFor(facts())
    if (JSON.stringify(next) !== JSON.stringify(slots)) slots = next
    return slots
  }
}
