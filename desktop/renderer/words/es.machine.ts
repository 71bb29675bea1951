import type { enMachine } from './en.machine.ts'

/** The Spanish words about the machine itself; the same keys as in English. */
export const esMachine: typeof enMachine = {}
