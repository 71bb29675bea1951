import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BenchedDevice, Benchmark, NodeDocument } from '#shared/collections/node.schema.ts'
import { durations } from '#shared/durations.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { compareVersions } from '#shared/rules/compareVersions.ts'
import { runScript } from '../engines/blender/runScript.ts'
import type { EngineSoftware, RenderDevice } from '../engines/engine.ts'
import type { Containment } from '../engines/process/containment.ts'
import type { Inventory } from '../node/inventory.ts'
import { benchFrames, benchSceneName, benchSceneScript, benchSize } from './benchSceneScript.ts'
import { measureDevice, notMeasured, type DeviceToMeasure, type MeasureParts } from './measureDevice.ts'

type Hardware = NodeDocument['hardware']

/** The newest Blender here: what scenes of today are rendered with. */
export const benchBlender = (software: readonly EngineSoftware[]): EngineSoftware | null =>
  software.filter(({ kind }) => kind === 'blender').toSorted((a, b) => compareVersions(b.version, a.version))[0] ?? null

/** What a result holds for: another card, driver, processor, Blender or scene, and it is measured again. */
export function benchFingerprint({ hardware }: Pick<Inventory, 'hardware'>, software: readonly EngineSoftware[]): string {
  const cards = hardware.gpus.map(({ uuid, name, driverVersion }) => [uuid, name, driverVersion]).sort()
  const facts = [benchSceneName, benchBlender(software)?.version ?? null, hardware.cpuName, hardware.cpuCores, cards]
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32)
}

/** What is measured: each slot that renders, and the processor. */
export function devicesToMeasure(slots: readonly RenderDevice[], hardware: Hardware): DeviceToMeasure[] {
  const cards = slots.flatMap((device): DeviceToMeasure[] => {
    if (device.kind === 'cpu') return []
    const id = device.visible?.[0] ?? 'gpu'
    return [{ id, name: hardware.gpus.find(({ uuid }) => uuid === id)?.name ?? hardware.gpus[0]?.name ?? 'GPU', device }]
  })
  const threads = slots.find((device) => device.threads !== undefined)?.threads
  return [...cards, { id: 'cpu', name: hardware.cpuName, device: { kind: 'cpu', ...(threads === undefined ? {} : { threads }) } }]
}

export interface RunBench extends Omit<MeasureParts, 'scenePath'> {
  containment: Containment
  devices: readonly DeviceToMeasure[]
  software: readonly EngineSoftware[]
  inventory: Pick<Inventory, 'hardware'>
  now: () => number
  onDevice?: (device: DeviceToMeasure) => void
}

/**
 * Makes the scene and benches one device after the other. A device that cannot be measured has no score but its error.
 * Errors: BLENDER_NOT_FOUND, CANCELLED (the signal). Nothing is left in `folder`.
 */
export async function runBench(parts: RunBench): Promise<Result<Benchmark>> {
  const blender = benchBlender(parts.software)
  if (blender === null) return err(appError('BLENDER_NOT_FOUND', { path: 'blender', howTo: 'https://www.blender.org/download' }))
  const { folder } = parts
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, 'scene'), { recursive: true })
  try {
    const scenePath = join(folder, 'scene', 'bench.blend')
    const made = await runScript({
      ...{ containment: parts.containment, writable: [dirname(scenePath)] },
      ...{ program: blender.path, blenderVersion: blender.version, scripts: [benchSceneScript], signal: parts.signal },
      ...{ config: { ...benchSize, frames: benchFrames, file: scenePath }, timeoutMs: durations.inspectTimeoutMs },
    })
    const result = (devices: BenchedDevice[]): Result<Benchmark> => {
      const fingerprint = benchFingerprint(parts.inventory, parts.software)
      return ok({ at: parts.now(), scene: benchSceneName, blenderVersion: blender.version, fingerprint, devices })
    }
    if (!made.ok) {
      if (parts.signal.aborted) return err(appError('CANCELLED'))
      return result(parts.devices.map((device) => notMeasured(device, made.error)))
    }
    const devices: BenchedDevice[] = []
    for (const device of parts.devices) {
      parts.onDevice?.(device)
      const measured = await measureDevice(device, { ...parts, scenePath })
      if (!measured.ok) return measured
      devices.push(measured.value)
    }
    return result(devices)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
