import type { enMachine } from './en.machine.ts'

/** The Chinese words about the machine itself; the same keys as in English. */
export const zhMachine: typeof enMachine = {}
