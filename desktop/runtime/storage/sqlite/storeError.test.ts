import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { StoreError } from './index.ts'
import { open, person, prepared, temporaryDatabase, temporaryFolder } from './storage.fixtures.ts'

test('a file that is no database gives STORE_CORRUPT and stays as it is', async () => {
  const path = temporaryDatabase()
  const garbage = randomBytes(10_000)
  writeFileSync(path, garbage)
  await expect(open(path)).rejects.toBeInstanceOf(StoreError)
  await expect(open(path)).rejects.toMatchObject({ code: 'STORE_CORRUPT', path })
  expect(readFileSync(path).equals(garbage)).toBe(true)
})

test('damage inside the file gives STORE_CORRUPT where it is met and the file stays', async () => {
  const path = temporaryDatabase()
  const healthy = await open(path)
  await healthy.bulkWrite(
    Array.from({ length: 300 }, (_, number) => ({ document: person(`p${number}`, { note: 'x'.repeat(500) }) })),
    'test',
  )
  await healthy.close()
  const bytes = readFileSync(path)
  bytes.fill(0xa5, 8 * 4096)
  writeFileSync(path, bytes)

  const damaged = await open(path)
  await expect(damaged.query(prepared({ selector: {}, sort: [{ note: 'asc' }] }))).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
  await damaged.close()
  expect(readFileSync(path).length).toBe(bytes.length)
})

test('a file of a newer format is refused', async () => {
  const path = temporaryDatabase()
  const database = new DatabaseSync(path)
  database.exec('PRAGMA user_version = 99')
  database.close()
  await expect(open(path)).rejects.toMatchObject({ code: 'STORE_TOO_NEW' })
})

test('a full disk gives DISK_FULL, nothing of that write stays, and later writes work', async () => {
  const path = temporaryDatabase()
  const instance = await open(path)
  const { connection } = instance.internals
  await instance.bulkWrite([{ document: person('before') }], 'test')
  const [pages] = connection.get('PRAGMA page_count', []) as [number]
  connection.exec(`PRAGMA max_page_count = ${pages + 2}`)
  const big = Array.from({ length: 100 }, (_, number) => ({ document: person(`big${number}`, { note: 'x'.repeat(2000) }) }))
  await expect(instance.bulkWrite(big, 'test')).rejects.toMatchObject({ code: 'DISK_FULL' })

  connection.exec('PRAGMA max_page_count = 1000000')
  expect((await instance.bulkWrite([{ document: person('after') }], 'test')).error).toEqual([])
  const { documents } = await instance.query(prepared({ selector: {}, sort: [{ id: 'asc' }] }))
  expect(documents.map(({ id }) => id)).toEqual(['after', 'before'])
  await instance.close()
})

/** A shell in a mount namespace of its own, where even an unprivileged user may mount; not every container allows it. */
const inNamespace = (script: string) => spawnSync('unshare', ['-rm', 'sh', '-ec', script])
if (inNamespace('true').status === 0) {
  test.each([8, 20, 64, 400])('a disk of %i KiB that is really full gives DISK_FULL', (size) => {
    const folder = temporaryFolder()
    const child = fileURLToPath(new URL('./durability.child.ts', import.meta.url))
    const run = inNamespace(
      `mount -t tmpfs -o size=${size}k tmpfs '${folder}'; '${process.execPath}' '${child}' '${folder}/store.sqlite' 1000`,
    )
    expect(run.status).not.toBe(0)
    expect(run.stderr.toString()).toContain("code: 'DISK_FULL'")
  })
}
