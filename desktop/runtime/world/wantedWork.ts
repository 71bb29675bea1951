import { durations } from '#shared/durations.ts'
import type { AvoidedWork } from '#shared/collections/node.schema.ts'
import type { Holds } from '../node/holds.ts'
import type { Inventory } from '../node/inventory.ts'
import type { Software } from '../node/software.ts'
import type { EffectivePause } from '../tasks/pause.ts'
import type { TaskRunner } from '../tasks/taskRunner.ts'
import type { Transfers } from '../transfers/transfers.ts'
import type { WorkRequest } from '../tasks/workBuffer.ts'

export interface WantedWorkFacts {
  runner: Pick<TaskRunner, 'summary' | 'holding'>
  software: Software
  slots: number
  holds: Holds
  pause: EffectivePause
  bufferMs: number | undefined
  inventory: Inventory
  transfers: Pick<Transfers, 'hold'>
  maxVramMiB?: number | undefined
  blocked: boolean
  avoided: readonly AvoidedWork[]
}

/** What to ask the server for; null while nothing is wanted. */
export function wantedWork({
  runner,
  software,
  slots,
  holds,
  pause,
  bufferMs = durations.workBufferDefaultMs,
  inventory,
  transfers,
  maxVramMiB = Infinity,
  blocked,
  avoided,
}: WantedWorkFacts): WorkRequest | null {
  const programs = software.list()
  if (blocked || slots === 0 || pause.kind !== 'none' || holds.list().length > 0) return null
  // What cannot be fetched would only wait here while others could do it.
  if (transfers.hold() !== null) return null
  const { heldMs } = runner.summary()
  const holding = runner.holding()
  // Even with a buffer of nothing, every slot should have a task.
  if (heldMs >= bufferMs && holding.length >= slots) return null
  const leavesAlone = (sort: string, value: string) => avoided.some((one) => one.sort === sort && one.value === value)
  const unique = (values: string[]) => [...new Set(values)].sort()
  return {
    kinds: (['blender', 'upscale'] as const).filter(
      (kind) => programs.some((program) => program.kind === kind) && !leavesAlone('kind', kind),
    ),
    blenderVersions: unique(
      programs
        .filter(({ kind }) => kind === 'blender')
        .map(({ version }) => version.split('.').slice(0, 2).join('.'))
        .filter((version) => !leavesAlone('version', version)),
    ),
    engines: unique(programs.flatMap(({ engines }) => engines)).filter((engine) => !leavesAlone('engine', engine)),
    denoisers: unique(programs.flatMap(({ denoisers }) => denoisers)),
    // Work that needs more than the owner allows would only be given back.
    vramMiB: Math.min(maxVramMiB, Math.max(0, ...inventory.hardware.gpus.map(({ vramMiB }) => vramMiB ?? 0))),
    heldMs,
    bufferMs,
    slots,
    avoidJobs: avoided
      .filter(({ sort }) => sort === 'job')
      .map(({ value }) => value)
      .slice(0, 100),
    holding: holding.slice(0, 10_000),
  }
}
