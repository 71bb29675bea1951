import type { MangoQuery } from 'rxdb'
import { expect, test, vi } from 'vitest'
import { open, person, prepared, temporaryDatabase, type Person } from './storage.fixtures.ts'

/** Runs the query on 500 people and tells what SQLite was asked, how it went about it and how many rows it handed out. */
async function explain(query: MangoQuery<Person>) {
  const instance = await open(temporaryDatabase())
  const people = Array.from({ length: 500 }, (_, number) =>
    person(`p${String(number).padStart(3, '0')}`, { age: number % 50, live: number % 2 === 0 }),
  )
  await instance.bulkWrite(
    people.map((document) => ({ document })),
    'test',
  )
  const { connection } = instance.internals
  const all = vi.spyOn(connection, 'all')
  const iterate = vi.spyOn(connection, 'iterate')
  const { documents } = await instance.query(prepared(query))
  expect(iterate).not.toHaveBeenCalled()
  const [sql, values] = all.mock.calls[0] ?? ['', []]
  const rows = all.mock.results[0]?.value as unknown[]
  const plan = connection.all(`EXPLAIN QUERY PLAN ${sql}`, values).map((row) => String(row[3]))
  await instance.close()
  return { documents, rows: rows.length, plan: plan.join('\n') }
}

test('a page in the order of an index reads that page from the index', async () => {
  const { documents, rows, plan } = await explain({
    selector: { _deleted: { $eq: false }, live: true } as object,
    sort: [{ live: 'asc' }, { age: 'asc' }],
    limit: 5,
    skip: 2,
  })
  expect(documents).toHaveLength(5)
  expect(rows).toBe(5)
  expect(plan).toMatch(/^SEARCH .* USING INDEX .*\(deleted=\? AND field_\d=\?\)$/)
})

test('a range is searched, not scanned', async () => {
  const { rows, plan } = await explain({
    selector: { _deleted: { $eq: false }, age: { $gte: 10, $lt: 12 } } as object,
    sort: [{ age: 'asc' }],
  })
  expect(rows).toBe(20)
  expect(plan).toMatch(/^SEARCH .* USING INDEX .*\(deleted=\? AND field_\d>\? AND field_\d<\?\)$/)
})

test('the newest first is the same index backwards; only equal values are sorted', async () => {
  const { documents, plan } = await explain({ selector: { _deleted: { $eq: false } } as object, sort: [{ age: 'desc' }], limit: 3 })
  expect(documents.map(({ age }) => age)).toEqual([49, 49, 49])
  expect(plan).toMatch(/USING INDEX/)
  expect(plan).not.toMatch(/TEMP B-TREE FOR ORDER BY/)
})

test('changes since a checkpoint are searched in the index of write times', async () => {
  const instance = await open(temporaryDatabase())
  const { connection } = instance.internals
  const all = vi.spyOn(connection, 'all')
  await instance.getChangedDocumentsSince(10, { id: 'a', lwt: 5 })
  const [sql, values] = all.mock.calls[0] ?? ['', []]
  const plan = connection.all(`EXPLAIN QUERY PLAN ${sql}`, values).map((row) => String(row[3]))
  expect(plan.join('\n')).toMatch(/^SEARCH .* USING INDEX .*by_lwt_id \(\(lwt,id\)>\(\?,\?\)\)$/)
  await instance.close()
})
