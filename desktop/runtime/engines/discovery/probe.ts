import { z } from 'zod'
import { durations } from '#shared/durations.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { runScript } from '../blender/runScript.ts'
import { proofScript } from '../blender/scripts/proofScript.ts'
import { deviceProofSchema } from '../devices/deviceProof.ts'
import { provedSchema } from '../devices/proveDevice.ts'
import { probeScript } from '../blender/scripts/probeScript.ts'
import type { Containment } from '../process/containment.ts'

export const probedSchema = z.object({
  version: z.string(),
  engines: z.array(z.string()),
  devices: z.array(z.string()),
  denoisers: z.array(z.string()),
  buildHash: z.string(),
  /** One sample on the processor, where there is nothing else. */
  cpuProof: deviceProofSchema.optional(),
})
export type Probed = z.infer<typeof probedSchema>

const answerSchema = probedSchema.extend({ event: z.literal('probed') })

/** Starts a program once and asks what it can do. Errors as `runScript`; BLENDER_NOT_FOUND also for a program that is no Blender. */
export async function probeBlender(program: string, containment: Containment, signal?: AbortSignal): Promise<Result<Probed>> {
  const answers = await runScript({
    containment,
    program,
    blenderVersion: '0',
    scripts: [proofScript, probeScript],
    timeoutMs: durations.probeTimeoutMs,
    ...(signal ? { signal } : {}),
  })
  if (!answers.ok) return answers
  const answer = answers.value.map((one) => answerSchema.safeParse(one)).find((parsed) => parsed.success)
  if (!answer) return err(appError('BLENDER_NOT_FOUND', { path: program, howTo: 'https://www.blender.org/download' }))
  const { event: _event, ...probed } = answer.data
  const proved = answers.value.map((one) => provedSchema.safeParse(one)).find((parsed) => parsed.success)?.data
  if (proved === undefined) return ok(probed)
  const { works, ms, reason } = proved
  return ok({ ...probed, cpuProof: { backend: 'CPU', card: '', works, ms: Math.round(ms), ...(reason === undefined ? {} : { reason }) } })
}
