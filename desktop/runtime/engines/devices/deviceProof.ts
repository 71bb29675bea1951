import { deviceProofSchema, type DeviceProof } from '#shared/collections/node.schema.ts'
import type { EngineSoftware, RenderDevice } from '../engine.ts'

export { deviceProofSchema, type DeviceProof }

/** In order of preference; the processor comes last, and never behind anybody's back. */
export const gpuBackends = ['OPTIX', 'CUDA', 'HIP', 'ONEAPI', 'METAL'] as const
const isGpu = (backend: string): boolean => (gpuBackends as readonly string[]).includes(backend)

/** Cards that a render can be limited to have a UUID; others are proven together, under the empty name. */
export const isNamedCard = (uuid: string): boolean => uuid.startsWith('GPU-')

/** Backends that this Blender may use on a card, best first. Before anything was proven: all it lists. */
export function backendsFor({ devices, proofs }: Pick<EngineSoftware, 'devices' | 'proofs'>, card: string): string[] {
  if (proofs === undefined) return gpuBackends.filter((backend) => devices.includes(backend))
  const works = proofs.filter((proof) => proof.works && isGpu(proof.backend) && proof.card === card).map(({ backend }) => backend)
  return gpuBackends.filter((backend) => works.includes(backend))
}

/** Some card rendered its first sample in this Blender. */
export const hasProvenCard = ({ proofs = [] }: Pick<EngineSoftware, 'proofs'>): boolean =>
  proofs.some(({ works, backend }) => works && isGpu(backend))

/** The device of a task for the Blender that was chosen: with proven backends only; null when this Blender proved none for it. */
export function provenDevice(device: RenderDevice, blender: Pick<EngineSoftware, 'devices' | 'proofs'>): RenderDevice | null {
  if (device.kind === 'cpu' || device.backends !== undefined || blender.proofs === undefined) return device
  const [card = ''] = device.visible ?? []
  const backends = backendsFor(blender, card)
  return backends.length === 0 ? null : { ...device, backends }
}

/** What was tried on a card and how it ended, for people: `OPTIX: GPU_KERNEL_FAILED, CUDA: works`. */
export const proofsInWords = (proofs: readonly DeviceProof[]): string =>
  proofs.map(({ backend, works, code, reason }) => `${backend}: ${works ? 'works' : (reason ?? code ?? 'failed')}`).join(', ')
