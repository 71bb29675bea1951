import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Logger } from '#shared/log.ts'
import type { EngineSoftware } from '../engines/engine.ts'
import { createBlenderEngine } from '../engines/blender/blenderEngine.ts'
import { takeInventory, type Inventory } from '../node/inventory.ts'

export interface Examination extends Inventory {
  software: EngineSoftware[]
  /** How renders are kept apart from the rest of this computer. */
  containment: string
}

/**
 * Looks this computer over as a starting node would, without a node: nothing of a data folder is opened, so one may run meanwhile.
 * Every Blender found is started once.
 */
export async function examineComputer({ dataFolder, log }: { dataFolder: string; log: Logger }): Promise<Examination> {
  const scratch = await mkdtemp(join(tmpdir(), 'pictor-doctor-'))
  try {
    const engine = createBlenderEngine({ logger: log, probeCacheFile: join(scratch, 'blenders.json') })
    const inventory = await takeInventory(await existing(dataFolder), log)
    return { ...inventory, software: await engine.probe(), containment: await engine.containment() }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** The folder, or the nearest above it that is there: on whose disk it will be. */
async function existing(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => null)
  const above = dirname(folder)
  return found !== null || above === folder ? folder : existing(above)
}
