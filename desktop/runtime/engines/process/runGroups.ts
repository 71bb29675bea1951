import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findCgroups } from './cgroups.ts'
import type { Command } from './containment.ts'
import { findJobObjects } from './windows/jobObjects.ts'

export interface GroupLimits {
  memoryBytes: number
  /** Processes and threads together, as Linux counts them. */
  tasks: number
  /** Processes alone, as Windows counts them. */
  processes: number
}

/** A group of the kernel's that holds one run: whatever the run starts is in it, and none of it can leave. */
export interface RunGroup {
  /** The command that enters the group before the program begins. */
  enter(command: Command): Command
  /** Whether a limit was met so far. */
  met(): Promise<{ memory: boolean; tasks: boolean }>
  /** Ends whatever is left in it, and takes it away. */
  remove(): Promise<void>
}

/** Makes groups as this system has them. */
export interface RunGroups {
  means: 'cgroup' | 'jobObject'
  create(name: string, limits: GroupLimits): Promise<RunGroup>
}

/** null: this system has none, or does not let us. `toolFolder`: for a helper that Windows needs; default: a temporary one. */
export async function findRunGroups(toolFolder?: string): Promise<RunGroups | null> {
  if (process.platform === 'win32') return findJobObjects(toolFolder ?? (await mkdtemp(join(tmpdir(), 'pictor-tools-'))))
  return findCgroups()
}
