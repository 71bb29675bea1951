import { firstValueFrom } from 'rxjs'
import { expect, test } from 'vitest'
import { changed, filledSchema, idsOf, open, person, personSchema, prepared, temporaryDatabase, type Person } from './storage.fixtures.ts'

const everything = prepared({ selector: {}, sort: [{ id: 'asc' }] })

test('documents are there after closing and opening the file', async () => {
  const path = temporaryDatabase()
  const first = await open(path)
  const document = person('a', { name: 'Größe 😀', deep: { level: 'x' }, note: [1, { two: null }] })
  await first.bulkWrite([{ document }], 'test')
  await first.close()

  const second = await open(path)
  expect(await second.findDocumentsById(['a', 'missing'], false)).toEqual([document])
  await second.close()
})

test('a write on another revision than the stored one is a conflict that carries the stored document; the rows beside it are written', async () => {
  const instance = await open(temporaryDatabase())
  const stored = person('a')
  await instance.bulkWrite([{ document: stored }], 'test')
  const events: unknown[] = []
  instance.changeStream().subscribe((bulk) => events.push(...bulk.events))

  const { error } = await instance.bulkWrite(
    [
      { document: person('a', { name: 'insert over it' }) },
      { document: changed(stored, { name: 'stale' }), previous: { ...stored, _rev: '1-other' } },
      { document: person('b') },
    ],
    'test',
  )

  expect(error.map(({ status, documentId, writeRow }) => [status, documentId, writeRow.document.name])).toEqual([
    [409, 'a', 'insert over it'],
    [409, 'a', 'stale'],
  ])
  expect(error[0]).toMatchObject({ documentInDb: stored })
  expect(idsOf((await instance.query(everything)).documents)).toEqual(['a', 'b'])
  expect(await instance.findDocumentsById(['a'], true)).toEqual([stored])
  expect(events).toHaveLength(1)
  await instance.close()
})

test('an event follows each write, with the checkpoint after which nothing is newer', async () => {
  const instance = await open(temporaryDatabase())
  const next = firstValueFrom(instance.changeStream())
  await instance.bulkWrite([{ document: person('a') }, { document: person('b') }], 'context')
  const bulk = await next
  expect(bulk.context).toBe('context')
  expect(bulk.events.map(({ operation, documentId }) => [operation, documentId])).toEqual([
    ['INSERT', 'a'],
    ['INSERT', 'b'],
  ])
  expect((await instance.getChangedDocumentsSince(10, bulk.checkpoint)).documents).toEqual([])
  await instance.close()
})

test('changed documents come page by page in the order of their last write, each once, deleted ones too', async () => {
  const instance = await open(temporaryDatabase())
  const documents = Array.from({ length: 25 }, (_, number) => person(`p${number}`, { _meta: { lwt: 1000 + Math.floor(number / 10) } }))
  await instance.bulkWrite(
    documents.map((document) => ({ document })),
    'test',
  )
  const first = documents[0] ?? person('none')
  await instance.bulkWrite([{ previous: first, document: changed(first, { _deleted: true }) }], 'test')

  const seen: Person[] = []
  let page = await instance.getChangedDocumentsSince(7)
  while (page.documents.length > 0) {
    seen.push(...page.documents)
    page = await instance.getChangedDocumentsSince(7, page.checkpoint)
  }
  expect(seen).toHaveLength(25)
  expect(new Set(idsOf(seen)).size).toBe(25)
  expect(seen.at(-1)).toMatchObject({ id: 'p0', _deleted: true })
  await instance.close()
})

test('databases, collections and schema versions in one file do not see each other', async () => {
  const path = temporaryDatabase()
  const instances = await Promise.all([
    open(path),
    open(path, { collectionName: 'others' }),
    open(path, { databaseName: 'second' }),
    open(path, { schema: { ...personSchema, version: 1 } }),
  ])
  for (const [number, instance] of instances.entries()) await instance.bulkWrite([{ document: person('a', { age: number }) }], 'test')
  const ages = await Promise.all(instances.map(async (instance) => (await instance.findDocumentsById(['a'], false))[0]?.age))
  expect(ages).toEqual([0, 1, 2, 3])

  await instances[0]?.remove()
  const again = await open(path)
  expect((await again.query(everything)).documents).toEqual([])
  expect(await instances[3]?.findDocumentsById(['a'], false)).toHaveLength(1)
  await Promise.all([again.close(), ...instances.slice(1).map((instance) => instance.close())])
})

test('indexes that a schema gained are built over the documents that are there', async () => {
  const path = temporaryDatabase()
  const before = await open(path, { schema: { ...personSchema, indexes: [] } })
  await before.bulkWrite([{ document: person('a', { age: 3 }) }, { document: person('b', { age: 2 }) }], 'test')
  await before.close()

  const after = await open(path)
  const byAge = prepared({ selector: { age: { $gt: 1 } }, sort: [{ age: 'asc' }] })
  expect(idsOf((await after.query(byAge)).documents)).toEqual(['b', 'a'])
  expect(await after.count(byAge)).toEqual({ count: 2, mode: 'fast' })
  await after.close()
})

test('cleanup purges what was deleted long enough ago, and nothing else', async () => {
  const instance = await open(temporaryDatabase())
  const now = Date.now()
  const deleted = Array.from({ length: 1300 }, (_, number) => person(`d${number}`, { _deleted: true, _meta: { lwt: now - 60_000 } }))
  const kept = [person('old', { _meta: { lwt: 5 } }), person('justDeleted', { _deleted: true, _meta: { lwt: now + 5000 } })]
  await instance.bulkWrite(
    [...deleted, ...kept].map((document) => ({ document })),
    'test',
  )
  expect(await instance.cleanup(30_000)).toBe(false)
  expect(await instance.cleanup(30_000)).toBe(true)
  const left = await instance.findDocumentsById(
    [...deleted, ...kept].map(({ id }) => id),
    true,
  )
  expect(idsOf(left)).toEqual(['old', 'justDeleted'])

  expect(await instance.cleanup(0)).toBe(true)
  expect(idsOf(await instance.findDocumentsById(['old', 'justDeleted'], true))).toEqual(['old'])
  await instance.close()
})

test('attachments are stored, replaced and removed with their document', async () => {
  const instance = await open(temporaryDatabase(), { schema: { ...personSchema, attachments: {} } })
  const attachment = (text: string) => ({ length: text.length, type: 'text/plain', digest: `digest of ${text}`, data: new Blob([text]) })
  const stub = (text: string) => ({ length: text.length, type: 'text/plain', digest: `digest of ${text}` })
  const first = person('a', { _attachments: { one: stub('first') } })
  await instance.bulkWrite([{ document: { ...first, _attachments: { one: attachment('first') } } }], 'test')
  const blob = await instance.getAttachmentData('a', 'one', 'digest of first')
  expect([await blob.text(), blob.type]).toEqual(['first', 'text/plain'])
  expect(await instance.findDocumentsById(['a'], false)).toEqual([first])

  const second = changed(first, { _attachments: { one: stub('second') } })
  await instance.bulkWrite([{ previous: first, document: { ...second, _attachments: { one: attachment('second') } } }], 'test')
  expect(await (await instance.getAttachmentData('a', 'one', 'digest of second')).text()).toBe('second')
  await expect(instance.getAttachmentData('a', 'one', 'digest of first')).rejects.toThrow('does not exist')

  await instance.bulkWrite([{ previous: second, document: changed(second, { _attachments: {}, _deleted: true }) }], 'test')
  await expect(instance.getAttachmentData('a', 'one', 'digest of second')).rejects.toThrow('does not exist')
  await instance.close()
})

test('a closed instance refuses, closing twice is harmless, and another instance on the file goes on', async () => {
  const path = temporaryDatabase()
  const [one, other] = [await open(path), await open(path)]
  await Promise.all([one.close(), one.close()])
  await expect(one.query(everything)).rejects.toThrow('closed already')
  await expect(one.bulkWrite([{ document: person('a') }], 'test')).rejects.toThrow('closed already')
  await expect(one.remove()).rejects.toThrow('closed already')
  await other.bulkWrite([{ document: person('a') }], 'test')
  expect((await other.query(everything)).documents).toHaveLength(1)
  await other.close()
})

test('boundaries of a range', async () => {
  const instance = await open(temporaryDatabase())
  await instance.bulkWrite(
    [1, 2, 3].map((age) => ({ document: person(`p${age}`, { age }) })),
    'test',
  )
  const ids = async (condition: object) =>
    idsOf((await instance.query(prepared({ selector: { age: condition }, sort: [{ age: 'asc' }] }, filledSchema()))).documents)
  expect(await ids({ $lt: 2 })).toEqual(['p1'])
  expect(await ids({ $lte: 2 })).toEqual(['p1', 'p2'])
  expect(await ids({ $gt: 2 })).toEqual(['p3'])
  expect(await ids({ $gte: 2 })).toEqual(['p2', 'p3'])
  expect(await ids({ $gt: 1, $lt: 3 })).toEqual(['p2'])
  await instance.close()
})
