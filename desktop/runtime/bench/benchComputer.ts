import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Benchmark } from '#shared/collections/node.schema.ts'
import { appError } from '#shared/errors/appError.ts'
import type { Logger } from '#shared/log.ts'
import { err, type Result } from '#shared/result.ts'
import { createBlenderEngine } from '../engines/blender/blenderEngine.ts'
import { devicesFor } from '../node/deviceSlots.ts'
import { takeInventory } from '../node/inventory.ts'
import { usualBench } from './measureDevice.ts'
import { devicesToMeasure, runBench } from './runBench.ts'

export interface BenchComputer {
  log: Logger
  signal: AbortSignal
  runs?: number
  /** UUID of a card, or `cpu`; absent: all. */
  device?: string
  onDevice?: (name: string) => void
}

/**
 * Benches this computer without a node; nothing of the data folder is opened. Only for when none runs there.
 * Errors: BLENDER_NOT_FOUND, CANCELLED, REQUEST_INVALID (no such device).
 */
export async function benchComputer({ log, signal, runs, device, onDevice }: BenchComputer): Promise<Result<Benchmark>> {
  const scratch = await mkdtemp(join(tmpdir(), 'pictor-bench-'))
  try {
    const engine = createBlenderEngine({ logger: log, probeCacheFile: join(scratch, 'blenders.json') })
    const [inventory, software] = [await takeInventory(scratch, log), await engine.probe(signal)]
    const slots = devicesFor({ software, gpus: inventory.hardware.gpus, preferences: {} })
    const all = devicesToMeasure(slots, inventory.hardware)
    const devices = all.filter(({ id }) => device === undefined || id === device)
    if (devices.length === 0)
      return err(
        appError('REQUEST_INVALID', { reason: `there is no device ${device ?? ''}; there is ${all.map(({ id }) => id).join(', ')}` }),
      )
    return await runBench({
      ...{
        engine,
        containment: engine.containment,
        software,
        inventory,
        devices,
        signal,
        priority: 'normal',
        now: () => Date.now(),
        watts: () => null,
      },
      ...{ folder: join(scratch, 'bench'), options: { ...usualBench, ...(runs === undefined ? {} : { runs }) } },
      onDevice: ({ name }) => onDevice?.(name),
    })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
