import { z } from 'zod'

const benchmarkSchema = z.looseObject({
  at: z.number(),
  devices: z.array(z.looseObject({ device: z.string(), name: z.string(), score: z.number().nullable() })),
})
const workSchema = z.looseObject({ state: z.enum(['waiting', 'running']) })

/** Where the measurement of this computer's speed is. `unasked`: it was never asked for, or this node does not know how. */
export type BenchFacts =
  | { name: 'unasked' }
  | { name: 'waiting' | 'running' }
  | { name: 'done'; devices: { device: string; name: string; score: number | null }[] }

/** Read from the node's document as it is: nodes of other versions have these fields or not. */
export function benchFacts(node: Readonly<Record<string, unknown>> | null): BenchFacts {
  const work = workSchema.safeParse(node?.['benchWork'])
  if (work.success) return { name: work.data.state }
  const bench = benchmarkSchema.safeParse(node?.['benchmark'])
  if (!bench.success) return { name: 'unasked' }
  return { name: 'done', devices: bench.data.devices.map(({ device, name, score }) => ({ device, name, score })) }
}
