import type { Preferences } from '#shared/collections/preferences.schema.ts'
import type { EngineSoftware, RenderDevice } from '../engines/engine.ts'
import { backendsFor, hasProvenCard, isNamedCard } from '../engines/devices/deviceProof.ts'
import type { Inventory } from './inventory.ts'

export interface DeviceFacts {
  software: readonly EngineSoftware[]
  gpus: Inventory['hardware']['gpus']
  preferences: Pick<Preferences, 'cpuThreads' | 'keptGpus'>
  /** Cards on which tasks failed while others worked; they are left alone as long as there is another. */
  avoidedCards?: readonly string[]
}

/**
 * One slot for each render that may run at a time. Cards that a run can be limited to, by UUID, are a slot each, without those that are kept
 * for their owner and those on which no Blender rendered its first sample; other cards are one slot together; the processor is one where no
 * Blender can use a card. A computer whose cards are all kept has none: a task never falls to the processor behind anybody's back.
 */
export function devicesFor({ software, gpus, preferences, avoidedCards = [] }: DeviceFacts): RenderDevice[] {
  if (software.length === 0) return []
  const { cpuThreads, keptGpus = [] } = preferences
  const threads = cpuThreads === undefined ? {} : { threads: cpuThreads }
  const isProven = (card: string) => software.some((program) => backendsFor(program, card).length > 0)
  const allKept = gpus.length > 0 && gpus.every(({ uuid }) => keptGpus.includes(uuid))
  const named = gpus.filter(({ uuid }) => isNamedCard(uuid))
  const usable = named.filter(({ uuid }) => isProven(uuid))
  if (usable.length > 0) {
    const free = usable.filter(({ uuid }) => !keptGpus.includes(uuid))
    const good = free.filter(({ uuid }) => !avoidedCards.includes(uuid))
    return (good.length > 0 ? good : free).map(({ uuid }) => ({ kind: 'gpu', visible: [uuid], ...threads }))
  }
  if (isProven('')) return allKept ? [] : [{ kind: 'gpu', ...threads }]
  // A card that worked and is gone now comes back, or its owner should know: its work does not go to the processor.
  return software.some(hasProvenCard) ? [] : [{ kind: 'cpu', ...threads }]
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
