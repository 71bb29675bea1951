import type { MeanOfFact } from '#shared/api/runtimeCalls.ts'
import type { MachineMoment, NeededFacts } from '#shared/rules/preferenceHolds.ts'

/** How one fact is come by on this computer. */
export type Mean = MeanOfFact

/** What a computer can be asked about itself. Answers are null where it cannot tell. */
export interface MachineProbes {
  /** Only what is needed is measured, each no more often than it can change. */
  look(needed: NeededFacts): Promise<ProbedFacts>
  means(): Promise<Mean[]>
  stop(): void
}

export type ProbedFacts = Pick<MachineMoment, 'idleMs' | 'fullScreen' | 'programs' | 'otherCpuPercent' | 'onBattery' | 'metered'>

export const nothingKnown: ProbedFacts = {
  idleMs: null,
  fullScreen: null,
  programs: new Set(),
  otherCpuPercent: null,
  onBattery: null,
  metered: null,
}
