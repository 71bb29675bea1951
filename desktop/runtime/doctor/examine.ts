import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { Logger } from '#shared/log.ts'
import type { EngineSoftware } from '../engines/engine.ts'
import { createBlenderEngine } from '../engines/blender/blenderEngine.ts'
import { createContainment } from '../engines/process/containment.ts'
import { createMemoryGuard } from '../engines/process/memoryGuard.ts'
import { joinEngines } from '../engines/joinEngines.ts'
import { createUpscaleEngine } from '../engines/upscale/upscaleEngine.ts'
import { findUpscaler } from '../engines/upscale/upscalerProgram.ts'
import { findOtherPrograms } from '../engines/discovery/otherPrograms.ts'
import { createProbes } from '../preferences/createProbes.ts'
import type { Mean } from '../preferences/probes.ts'
import { systemClock } from '../systemClock.ts'
import { takeInventory, type Inventory } from '../node/inventory.ts'
import { systemMeans, type SystemMean } from './systemMeans.ts'

export interface Examination extends Inventory {
  software: EngineSoftware[]
  /** 3D programs that nothing renders with. */
  otherPrograms: NodeDocument['software']
  /** How renders are kept apart from the rest of this computer. */
  containment: string
  /** How other things are done on this system, and which of that was never run on a real one. */
  systemMeans: SystemMean[]
  /** How each fact that preferences look at is come by here. */
  means: Mean[]
}

/**
 * Looks this computer over as a starting node would, without a node: nothing of a data folder is opened, so one may run meanwhile.
 * Every Blender found is started, and each card renders one sample in it.
 */
export async function examineComputer({ dataFolder, log }: { dataFolder: string; log: Logger }): Promise<Examination> {
  const probes = createProbes({ clock: systemClock, log })
  const scratch = await mkdtemp(join(tmpdir(), 'pictor-doctor-'))
  try {
    const inventory = await takeInventory(await existing(dataFolder), log)
    const containment = createContainment({ clock: systemClock, log, hidden: [dataFolder, scratch] })
    const blender = createBlenderEngine({
      containment,
      logger: log,
      probeCacheFile: join(scratch, 'blenders.json'),
      cards: () => inventory.hardware.gpus,
    })
    const upscale = createUpscaleEngine({
      memory: createMemoryGuard({ clock: systemClock }),
      logger: log,
      program: findUpscaler(null),
      probeCacheFile: join(scratch, 'upscaler.json'),
      containment,
    })
    const software = await joinEngines({ blender, upscale }).probe()
    const otherPrograms = await findOtherPrograms()
    const words = await containment.inWords()
    const hasSystemd = (await stat('/run/systemd/system').catch(() => null)) !== null
    const means = systemMeans({ platform: process.platform, gpus: inventory.hardware.gpus, containment: words, hasSystemd })
    return { ...inventory, software, otherPrograms, containment: words, systemMeans: means, means: await probes.means() }
  } finally {
    probes.stop()
    await rm(scratch, { recursive: true, force: true })
  }
}

/** The folder, or the nearest above it that is there: on whose disk it will be. */
async function existing(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => null)
  const above = dirname(folder)
  return found !== null || above === folder ? folder : existing(above)
}
