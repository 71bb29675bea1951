import type { LiveNode } from '#shared/sync/live.ts'
import type { RenderDevice } from '../engines/engine.ts'
import type { CardFacts } from './watchPreferences.ts'

/** What the telemetry knows of the cards that are rendered on. While we render, a card's load is ours: nothing is said about others. */
export function cardFacts(live: LiveNode | null, slots: readonly RenderDevice[]): CardFacts {
  const visible = slots.flatMap((slot) => (slot.kind === 'gpu' ? (slot.visible ?? []) : []))
  const usesGpu = slots.some(({ kind }) => kind === 'gpu')
  const cards = (live?.gpus ?? []).filter(({ uuid }) => visible.length === 0 || visible.includes(uuid))
  const rendering = live?.tasks.some(({ state }) => state === 'rendering') ?? false
  return {
    usesGpu,
    hottestC: highest(cards.map(({ temperatureC }) => temperatureC)),
    otherGpuPercent: rendering ? null : highest(cards.map(({ utilisationPercent }) => utilisationPercent)),
  }
}

function highest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.max(...known)
}
