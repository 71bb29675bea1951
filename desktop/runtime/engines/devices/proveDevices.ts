import { stat } from 'node:fs/promises'
import type { Logger } from '#shared/log.ts'
import type { EngineSoftware } from '../engine.ts'
import type { Containment } from '../process/containment.ts'
import { gpuBackends, isNamedCard, type DeviceProof } from './deviceProof.ts'
import type { ProofCache } from './proofCache.ts'
import { proveDevice, type ProveDeviceOptions } from './proveDevice.ts'

/** A card with what changes when its driver does. */
export interface ProvableCard {
  uuid: string
  driverVersion: string | null
}

export interface ProveDevicesOptions {
  containment: Containment
  blenders: readonly EngineSoftware[]
  cards: readonly ProvableCard[]
  cache: ProofCache
  cacheFolder: string
  logger: Logger
  signal?: AbortSignal
  /** For tests. */
  prove?: (options: ProveDeviceOptions) => Promise<DeviceProof | null>
}

/**
 * Proves, for each Blender and each card, the first backend that works, best first; a backend that fails is passed over with its reason. Only
 * where no card works the processor is proven: it is the last in the order. One after the other: two at a time would fight over a card.
 */
export async function proveDevices(options: ProveDevicesOptions): Promise<EngineSoftware[]> {
  const { cards, cache, signal } = options
  const named = cards.filter(({ uuid }) => isNamedCard(uuid))
  const others = cards.filter(({ uuid }) => !isNamedCard(uuid))
  const targets: ProvableCard[] = [
    ...named,
    ...(named.length === 0 || others.length > 0 ? [{ uuid: '', driverVersion: others.map((card) => card.driverVersion).join() }] : []),
  ]
  const proven: EngineSoftware[] = []
  for (const blender of options.blenders) {
    const proofs: DeviceProof[] = [...(blender.proofs ?? [])]
    for (const { uuid, driverVersion } of targets) {
      for (const backend of gpuBackends.filter((one) => blender.devices.includes(one))) {
        const proof = await once(options, blender, backend, uuid, driverVersion)
        if (proof !== null) proofs.push(proof)
        if (proof?.works === true || signal?.aborted === true) break
      }
    }
    const hasDevice = proofs.some(({ works }) => works) || !blender.devices.includes('CPU')
    const processor = hasDevice || proofs.some(({ backend }) => backend === 'CPU') ? null : await once(options, blender, 'CPU', '', null)
    proven.push({ ...blender, proofs: processor === null ? proofs : [...proofs, processor] })
  }
  await cache.save()
  return proven
}

async function once(
  { containment, cache, cacheFolder, logger, signal, prove = proveDevice }: ProveDevicesOptions,
  blender: EngineSoftware,
  backend: string,
  card: string,
  driver: string | null,
): Promise<DeviceProof | null> {
  const program = await stat(blender.path).catch(() => null)
  const key = [blender.path, Math.round(program?.mtimeMs ?? 0), program?.size ?? 0, backend, card, driver ?? ''].join('|')
  const known = await cache.get(key)
  if (known !== null) return known
  if (signal?.aborted === true) return null
  const proof = await prove({ containment, blender, backend, card, cacheFolder, ...(signal ? { signal } : {}) })
  if (proof === null) return null
  const facts = { version: blender.version, backend, card, ms: proof.ms }
  if (proof.works) logger.info('a device is proven', facts)
  else logger.warn('a device is passed over: its first sample failed', { ...facts, code: proof.code ?? null, reason: proof.reason ?? null })
  cache.put(key, proof)
  return proof
}
