import type { Clock, Logger } from '#shared/log.ts'
import type { SeenProgram } from '#shared/rules/integrity.ts'
import type { Inventory } from '../node/inventory.ts'
import { createForeignLoad, type CardLoad } from './foreignLoad.ts'
import { createLinuxPrograms } from './linuxPrograms.ts'
import { createListedPrograms } from './listedPrograms.ts'

/** What can be seen of others on this computer. */
export interface IntegrityLook {
  /** Programs that are not ours, and the load that they put on each card by its UUID; a card that is not in it is not known. */
  look(): Promise<{ programs: readonly SeenProgram[]; cards: ReadonlyMap<string, CardLoad> }>
  /** Nothing runs between `stop` and the next `look`. */
  stop(): void
}

export interface IntegrityLookOptions {
  clock: Clock
  log: Logger
  cards: Inventory['hardware']['gpus']
  platform?: NodeJS.Platform
}

/** The means of this system; `docs/worker.md` says which. macOS tells no program's load on the card. */
export function createIntegrityLook({ clock, log, cards, platform = process.platform }: IntegrityLookOptions): IntegrityLook {
  if (platform === 'linux') {
    const programs = createLinuxPrograms()
    const load = createForeignLoad({ clock, log, cards, ownerOf: (pid) => programs.ownerOf(pid) })
    return {
      look: () => Promise.resolve({ programs: programs.look(clock.monotonicMs()), cards: load.look() }),
      stop: () => load.stop(),
    }
  }
  const others = createListedPrograms(platform)
  return { look: async () => ({ programs: await others.look(), cards: new Map() }), stop: () => undefined }
}
