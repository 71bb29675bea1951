import { expect, test } from 'vitest'
import { collectionNames } from '#shared/collections/collections.ts'
import { databaseName, parseDatabaseName, privateDatabases } from './databaseNames.ts'

test('every database name leads back to its owner and collection', () => {
  for (const ownerId of ['owner-abc', 'a', 'jobs', 'x-job-states', 'a.b:c_d']) {
    for (const collection of collectionNames) {
      const name = databaseName('pictor-', { ownerId, collection })
      expect(name).toMatch(/^[a-z][a-z0-9_$()+/-]*$/)
      expect(parseDatabaseName('pictor-', name)).toEqual({ ownerId, collection })
    }
  }
  for (const collection of privateDatabases) {
    const name = databaseName('pictor-', { ownerId: null, collection })
    expect(parseDatabaseName('pictor-', name)).toEqual({ ownerId: null, collection })
  }
})

test('foreign names are not ours, and no owner is called private', () => {
  for (const name of ['_users', '_replicator', 'pictor-', 'pictor-private-nothing', 'other-owner-jobs', 'pictor--jobs-x'])
    expect(parseDatabaseName('pictor-', name)).toBeNull()
  expect(() => databaseName('pictor-', { ownerId: 'private', collection: 'jobs' })).toThrow(RangeError)
  expect(() => databaseName('pictor-', { ownerId: '../x', collection: 'jobs' })).toThrow(RangeError)
})
