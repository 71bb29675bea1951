/** The English words about the machine itself: its preferences, checks and measurements. Spread into `en.ts`; other languages in `<language>.machine.ts`. */
export const enMachine = {}
