import type { DatabaseSync } from 'node:sqlite'

const prepared = new WeakMap<DatabaseSync, Map<unknown, unknown>>()

/** Statements prepared once per database and maker: a projector is called for every document and has no place of its own to keep them. */
export function statementsOf<Statements>(database: DatabaseSync, make: (database: DatabaseSync) => Statements): Statements {
  const known = prepared.get(database) ?? new Map<unknown, unknown>()
  prepared.set(database, known)
  // Safe: the key is the very function that makes the value.
  const found = known.get(make) as Statements | undefined
  if (found) return found
  const made = make(database)
  known.set(make, made)
  return made
}
