import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { StoreTarget } from '#shared/api/storeProcess.ts'
import { superviseGateway } from './gateway.ts'
import { isAlive } from './isAlive.ts'
import { operatorClient } from './operator.ts'
import { superviseStore } from './store.ts'
import { testLaunchContext } from './testing/launchContext.ts'

/** Real processes, from the sources. */
const patient = { timeout: 30_000 }
let folder = ''
const cleanUp: (() => Promise<void>)[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-store-test-'))
})
afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each()
  rmSync(folder, { recursive: true, force: true })
})

const request = (target: StoreTarget | null, method: string, path: string, body?: object): Promise<Response | null> =>
  fetch(`${target?.url}/${path}`, {
    method,
    headers: { authorization: target?.authorization ?? '', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    // A store that was killed in the middle does not answer.
  }).catch(() => null)

it('a store that is killed is started again with everything that was acknowledged, at another place', { timeout: 120_000 }, async () => {
  const moves: (StoreTarget | null)[] = []
  const store = superviseStore(testLaunchContext(folder), join(folder, 'couch'), (target) => moves.push(target))
  cleanUp.push(() => store.supervisor.stop())
  await store.supervisor.start()
  await request(store.target(), 'PUT', 'db')
  const acknowledged: string[] = []
  for (let round = 0; round < 3; round += 1) {
    const pid = store.supervisor.pid ?? 0
    const before = store.target()
    const writer = (async () => {
      for (let index = 0; ; index += 1) {
        const answer = await request(before, 'PUT', `db/${round}-${index}`, { n: 1 })
        if (answer === null) return
        if (answer.status === 201) acknowledged.push(`${round}-${index}`)
      }
    })()
    await vi.waitFor(() => expect(acknowledged.filter((id) => id.startsWith(`${round}-`)).length).toBeGreaterThan(3 + round * 2), patient)
    process.kill(pid, 'SIGKILL')
    await writer
    await vi.waitFor(() => expect(store.target()?.authorization ?? before?.authorization).not.toBe(before?.authorization), patient)
  }
  const all = (await (await request(store.target(), 'GET', 'db/_all_docs'))?.json()) as { rows: { id: string }[] }
  const stored = new Set(all.rows.map(({ id }) => id))
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([])
  expect(moves.filter((target) => target === null)).toHaveLength(3)
  expect(new Set(moves.map((target) => target?.authorization)).size, 'a new password each time').toBe(5)
})

it('the gateway outlives its store and follows it; stopped, both are gone', { timeout: 120_000 }, async () => {
  const context = testLaunchContext(folder)
  const gateway = superviseGateway(context, { couchUrl: null, startOptions: () => ({ logLevel: 'silent' }) })
  cleanUp.push(() => gateway.stop())
  const url = await gateway.start()
  const addOwner = (name: string) => operatorClient(context.data.gateway, url).call('owners.add', { name })
  await addOwner('Ada')
  const before = gateway.processes()
  expect(Object.keys(before)).toEqual(['store', 'gateway'])
  process.kill(before['store'] ?? 0, 'SIGKILL')
  await vi.waitFor(() => expect(gateway.processes()['store'] ?? before['store']).not.toBe(before['store']), patient)
  await vi.waitFor(() => addOwner('Bob'), patient)
  const after = gateway.processes()
  expect(after['gateway']).toBe(before['gateway'])

  // And the other way: the store goes on while its gateway is started again.
  process.kill(after['gateway'] ?? 0, 'SIGKILL')
  await vi.waitFor(() => expect(gateway.processes()['gateway'] ?? after['gateway']).not.toBe(after['gateway']), patient)
  expect(gateway.processes()['store']).toBe(after['store'])

  const all = Object.values(gateway.processes())
  await gateway.stop()
  expect(all.filter(isAlive)).toEqual([])
})

it('a store that does not start is the gateway’s error, and nothing runs then', { timeout: 60_000 }, async () => {
  const context = testLaunchContext(folder)
  writeFileSync(join(context.data.gateway, 'couch'), 'a file where the folder should be')
  const gateway = superviseGateway(context, { couchUrl: null, startOptions: () => ({ logLevel: 'silent' }) })
  cleanUp.push(() => gateway.stop())
  await expect(gateway.start()).rejects.toThrow('DATA_FOLDER_READ_ONLY')
  await vi.waitFor(() => expect(gateway.processes()).toEqual({}), patient)
})
