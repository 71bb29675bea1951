import { readFileSync } from 'node:fs'
import { makeTestScene } from '../desktop/runtime/engines/testing/makeTestScene.ts'
import { serverClient } from '../desktop/launch/serverClient.ts'
import { runCli } from './support/cli.ts'
import { expect, test } from './support/test.ts'
import { waitFor } from './support/waitFor.ts'

const password = 'a password of eight or more'

test('a node joins by address and token, a job is sent from a computer without a node, and both come back after an outage', async ({
  computer,
}) => {
  test.setTimeout(300_000)
  const [serverData, workerData] = [computer.folder('server'), computer.folder('worker')]
  let server = await computer.startServer(serverData)
  const url = server.instance().gatewayUrl ?? ''
  const asAda = { PICTOR_PASSWORD: password, PICTOR_CONFIG: computer.folder('settings'), PICTOR_CACHE: computer.folder('cache') }
  const added = (await runCli(['server', 'owner', 'add', 'Ada', '--data', serverData, '--json'], { env: asAda })).json()
  const file = computer.folder('rig.pictor.json')
  const made = (await runCli(['worker', 'create', 'rig', '--data', serverData, '--out', file, '--json'])).json()
  const { enrolmentToken } = JSON.parse(readFileSync(file, 'utf8')) as { enrolmentToken: string }

  // As in a container: the address is an argument, the token stands in the environment.
  const byToken = ['--server', url]
  const inContainer = { env: { PICTOR_ENROLL: enrolmentToken } }
  let worker = await computer.startWorker(workerData, byToken, inContainer)
  expect(worker.instance()).toMatchObject({ nodeId: made['workerId'], ownerId: added['ownerId'] })

  const scene = await makeTestScene({ texture: { path: '//wood.png', exists: true } })
  const out = computer.folder('pictures')
  const submit = ['submit', scene, '--server', url, '--frames', '1-2', '--out', out, '--json']
  const sent = await runCli([...submit, '--account', 'Ada'], { env: asAda })
  expect(sent.code, sent.stderr).toBe(0)
  const result = sent.json() as { state: string; accepted: number; outputs: { path: string }[] }
  expect(result).toMatchObject({ ok: true, state: 'done', accepted: 2, failed: 0, server: url })
  for (const { path } of result.outputs) expect(readFileSync(path).subarray(1, 4).toString()).toBe('PNG')

  // Somebody else with the same token is not let in.
  const clone = await runCli(['worker', ...byToken, '--data', computer.folder('clone'), '--json'], inContainer)
  expect(clone.json()).toMatchObject({ ok: false, error: { code: 'CONFIG_EXPIRED' } })

  // The same command starts the node while the server is away, with a token that is used up.
  await worker.stop()
  await server.stop()
  worker = await computer.startWorker(workerData, byToken, inContainer)
  expect(worker.instance().nodeId).toBe(made['workerId'])
  server = await computer.startServer(serverData, ['--port', new URL(url).port])
  const { token } = await serverClient(url).signInByPassword('Ada', password)
  await waitFor('the node to be connected', async () => {
    const [presence] = await serverClient(url, token ?? '').documents('presence')
    return presence?.connected === true
  })
  expect(await serverClient(url, token ?? '').documents('workers')).toHaveLength(1)
})
