import type { enMachine } from './en.machine.ts'

/** The Vietnamese words about the machine itself; the same keys as in English. */
export const viMachine: typeof enMachine = {}
