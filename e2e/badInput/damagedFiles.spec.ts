import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { couchUrl } from '../support/couchPrefix.ts'
import { runCli } from '../support/cli.ts'
import { startFarm } from '../support/farm.ts'
import { openStores } from '../support/stores.ts'
import { expect, test } from '../support/test.ts'
import { waitFor } from '../support/waitFor.ts'

const spoil = (path: string): void =>
  writeFileSync(
    path,
    readFileSync(path).map((byte, at, all) => (at % (all.length >> 2) < 8 ? byte ^ 0x5a : byte)),
  )
/** Every file below, with what stands in it. */
const contents = (folder: string): Map<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(folder, name)).isFile() && !name.endsWith('store.lock'))
      .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  )

// A CouchDB looks after its own files.
if (couchUrl() === null)
  test('the server’s store is damaged: it says so instead of going on without what was lost, changes nothing, and a backup brings it back', async ({
    computer,
  }) => {
    const data = computer.folder('server')
    const server = await computer.startServer(data)
    await runCli(['server', 'owner', 'add', 'Ada', '--data', data])
    const backup = computer.folder('backup')
    expect((await runCli(['server', 'backup', backup, '--data', data, '--json'])).json()).toMatchObject({ ok: true })
    expect((await server.stop()).code).toBe(0)

    const [couch, gateway] = [join(data, 'gateway', 'couch'), join(data, 'gateway')]
    const accounts = join(couch, readdirSync(couch).find((name) => name.endsWith('private-accounts')) ?? '')
    const [log = ''] = readdirSync(accounts).filter((name) => name.endsWith('.log') && statSync(join(accounts, name)).size > 0)
    spoil(join(accounts, log))
    const before = contents(couch)
    const refused = await runCli(['server', '--data', data, '--port', '0', '--json'])
    expect(refused.json()).toMatchObject({
      ok: false,
      error: { code: 'SERVER_STORE_DAMAGED', details: { path: join(accounts, log), folder: gateway } },
    })
    expect([refused.code, refused.stderr.includes('pictor server restore')]).toEqual([1, true])
    expect(contents(couch)).toEqual(before)

    renameSync(gateway, computer.folder('damaged'))
    expect((await runCli(['server', 'restore', backup, '--data', data, '--json'])).json()).toMatchObject({ ok: true })
    const again = await computer.startServer(data)
    expect((await runCli(['server', 'owner', 'add', 'Ada', '--data', data, '--json'])).json()).toMatchObject({
      error: { code: 'ACCOUNT_EXISTS' },
    })
    expect((await again.stop()).code).toBe(0)
  })

const keyOf = (runtimeData: string): string => {
  const worlds = join(runtimeData, 'worlds')
  return join(worlds, readdirSync(worlds)[0] ?? '', 'node.key')
}

test('the key of a node is damaged: its own computer enrols it again as the same worker, elsewhere it says what to do', async ({
  computer,
}) => {
  const data = computer.folder('data')
  const up = await computer.startUp(data)
  const { nodeId } = up.instance()
  expect((await up.stop()).code).toBe(0)
  const key = keyOf(join(data, 'runtime'))
  spoil(key)
  const spoilt = readFileSync(key, 'utf8')
  const again = await computer.startUp(data)
  expect(again.instance().nodeId).toBe(nodeId)
  // Known to its gateway by the new key: it is let in, and nobody else.
  await waitFor('the node at its gateway', async () => {
    const known = await openStores(data).documents('presence')
    return known.length === 1 && known[0]?.id === nodeId && known[0].connected
  })
  const aside = join(key, '..', 'damaged')
  expect(readdirSync(aside).flatMap((name) => (name.startsWith('node.key') ? [readFileSync(join(aside, name), 'utf8')] : []))).toEqual([
    spoilt,
  ])
  expect((await again.stop()).code).toBe(0)

  const farm = await startFarm(computer)
  expect((await farm.worker.stop()).code).toBe(0)
  const path = keyOf(join(farm.workerData, 'runtime'))
  spoil(path)
  const refused = await runCli(['worker', '--data', farm.workerData, '--json'])
  expect(refused.json()).toMatchObject({ ok: false, error: { code: 'IDENTITY_DAMAGED', details: { path } } })
  expect(refused.code).toBe(1)
  const config = computer.folder('again.pictor.json')
  await runCli(['worker', 'create', 'one again', '--out', config, '--data', farm.serverData])
  const worker = await computer.startWorker(farm.workerData, ['--config', config, '--ui', '0'])
  expect(worker.instance().nodeId).not.toBe(farm.nodeId)
})
