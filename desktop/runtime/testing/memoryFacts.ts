import type { LocalDatabase } from '../database/localDatabase.ts'

/** Small values by name, for tests of parts that need no file. */
export function memoryFacts(): Pick<LocalDatabase, 'readFact' | 'writeFact'> & { writes: number; facts: Map<string, string> } {
  const facts = new Map<string, string>()
  const made = {
    facts,
    writes: 0,
    readFact: (key: string) => facts.get(key) ?? null,
    writeFact(key: string, value: string) {
      made.writes += 1
      facts.set(key, value)
    },
  }
  return made
}
