import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

/** What the figures were measured on; a figure without it says little. */
export interface Machine {
  processor: string
  cores: number
  memoryGiB: number
  system: string
  node: string
  /** How busy it was with other things when the run began: processes that wanted a core, over the last minute. */
  loadBefore: number
  startedAt: string
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    startedAt: new Date().toISOString(),
  }
}

export const machineLine = (machine: Machine): string =>
  `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}; ` +
  `load before ${machine.loadBefore}; ${machine.startedAt}`
