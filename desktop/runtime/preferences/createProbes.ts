import type { Clock, Logger } from '#shared/log.ts'
import { createLinuxProbes } from './linux/linuxProbes.ts'
import { createMacProbes } from './macProbes.ts'
import type { MachineProbes } from './probes.ts'
import { createWindowsProbes } from './windowsProbes.ts'

/** The means of this system. Nothing is measured before `look`. */
export function createProbes({ clock, log }: { clock: Clock; log: Logger }): MachineProbes {
  if (process.platform === 'win32') return createWindowsProbes({ clock, log })
  return process.platform === 'darwin' ? createMacProbes(clock) : createLinuxProbes({ clock })
}
