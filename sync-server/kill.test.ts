import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Result } from '#shared/result.ts'
import type { PullReply, PushReply } from '#shared/sync/protocol.ts'
import { sampleRun } from './testing/sampleRun.ts'
import { startGatewayProcess, type GatewayProcess } from './testing/startGatewayProcess.ts'

let at: GatewayProcess
beforeAll(async () => {
  at = await startGatewayProcess()
})
afterAll(() => at.remove())

test('the gateway is killed while a node pushes, again and again: what was acknowledged is there, once', async () => {
  const { ownerId, token } = await at.addOwner('Ada')
  const node = await at.enrolNode(ownerId, 'one')
  const acknowledged = new Set<string>()
  let next = 0
  for (let round = 0; round < 6; round += 1) {
    const nodeToken = (await node.signIn(`start-${round}`)).body.token
    const kill: { done: Promise<void> | null } = { done: null }
    // Several pushes are under way at any time, so that some are cut in the middle.
    const pushers = Array.from({ length: 4 }, async () => {
      while (kill.done === null) {
        const documents = Array.from({ length: 5 }, () => sampleRun(ownerId, node.nodeId, (next += 1)))
        const body = { collection: 'runs', rows: documents.map((document) => ({ assumed: null, document })) }
        const answer = await at.request<Result<PushReply>>('POST', '/sync/push', { token: nodeToken, body }).catch(() => null)
        if (answer?.status === 200 && answer.body.ok) for (const { id } of documents) acknowledged.add(id)
        if (acknowledged.size > 40 * (round + 1)) kill.done ??= at.kill()
      }
    })
    await Promise.all(pushers)
    await kill.done
    await at.start()
  }
  const pulled = await at.request<Result<PullReply>>('POST', '/sync/pull', {
    token,
    body: { collection: 'runs', checkpoint: null, limit: 2_000 },
  })
  const ids = pulled.body.ok ? pulled.body.value.documents.map(({ id }) => id) : []
  expect(new Set(ids).size).toBe(ids.length)
  expect([...acknowledged].filter((id) => !ids.includes(id))).toEqual([])
  expect(acknowledged.size).toBeGreaterThan(240)
}, 120_000)
