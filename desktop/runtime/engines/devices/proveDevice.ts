import { z } from 'zod'
import { durations } from '#shared/durations.ts'
import { runScript } from '../blender/runScript.ts'
import { proofScript, proveConfigured } from '../blender/scripts/proofScript.ts'
import type { EngineSoftware } from '../engine.ts'
import type { Containment } from '../process/containment.ts'
import { isNamedCard, type DeviceProof } from './deviceProof.ts'

export const provedSchema = z.looseObject({
  event: z.literal('proved'),
  backend: z.string(),
  works: z.boolean(),
  ms: z.number(),
  reason: z.string().optional(),
})

export interface ProveDeviceOptions {
  /** As renders are contained, so that what is proven is what they will have. */
  containment: Containment
  blender: EngineSoftware
  backend: string
  /** UUID of the card; empty: whatever is there. */
  card: string
  /** Compiled kernels stay here: the first render would have to wait for them all the same. */
  cacheFolder: string
  signal?: AbortSignal
}

/** Starts a Blender for one sample on one device. Never rejects: whatever goes wrong is the proof's reason. null: cancelled. */
export async function proveDevice({
  containment,
  blender,
  backend,
  card,
  cacheFolder,
  signal,
}: ProveDeviceOptions): Promise<DeviceProof | null> {
  const began = performance.now()
  const answers = await runScript({
    containment,
    program: blender.path,
    blenderVersion: blender.version,
    scripts: [proofScript, proveConfigured],
    config: { backend },
    timeoutMs: durations.deviceProofTimeoutMs,
    cacheFolder,
    ...(isNamedCard(card) ? { device: { kind: 'gpu' as const, visible: [card] } } : {}),
    ...(signal ? { signal } : {}),
  })
  const ms = Math.round(performance.now() - began)
  if (!answers.ok)
    return answers.error.code === 'CANCELLED'
      ? null
      : { backend, card, works: false, code: answers.error.code, reason: answers.error.message.slice(0, 300), ms }
  const proved = answers.value.map((one) => provedSchema.safeParse(one)).find((parsed) => parsed.success)?.data
  if (proved === undefined) return { backend, card, works: false, code: 'BLENDER_SCRIPT_ERROR', ms }
  return { backend, card, works: proved.works, ms, ...(proved.reason === undefined ? {} : { reason: proved.reason }) }
}
