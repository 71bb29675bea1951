import { join } from 'node:path'
import type { Logger } from '#shared/log.ts'
import { openDataFolder } from '../dataFolder.ts'
import { forkLauncher } from '../forkLauncher.ts'
import type { LaunchContext } from '../parts.ts'
import { systemClock } from '../systemClock.ts'
import { sourceBundles } from './sourceBundles.ts'

const nothing = () => undefined
const quiet: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => quiet }

/** What starts real processes, from the sources, on data in `folder`. */
export function testLaunchContext(folder: string): LaunchContext {
  return {
    ...{ data: openDataFolder(join(folder, 'data')), outFolder: sourceBundles(join(folder, 'out')) },
    ...{ launcher: forkLauncher, log: quiet, clock: systemClock, random: () => 0 },
  }
}
