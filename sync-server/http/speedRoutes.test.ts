import { expect, test, vi } from 'vitest'
import { kbitPerSecond, nextSpeedBytes, speedBytes } from '#shared/api/speedTest.ts'
import { startTestGateway } from '../testing/startTestGateway.ts'

test('a session may measure its line with little, nobody else, and not as often as it likes', async () => {
  const at = await startTestGateway()
  try {
    const owner = await at.addOwner('Owner')
    const node = await at.enrolNode(owner.ownerId, 'node')
    const token = (await node.signIn()).body.token
    const ask = (path: string, init: RequestInit = {}, bearer: string | null = token) =>
      fetch(`${at.url}/api/speed${path}`, { ...init, headers: bearer === null ? {} : { authorization: `Bearer ${bearer}` } })
    expect((await ask('', {}, null)).status).toBe(401)
    expect((await ask('', { method: 'POST', body: 'x' }, null)).status).toBe(401)
    const given = await ask(`?bytes=${speedBytes.least}`)
    expect([given.status, (await given.text()).length]).toEqual([200, speedBytes.least])
    const taken = await ask('', { method: 'POST', body: Buffer.alloc(speedBytes.most) })
    expect(await taken.json()).toMatchObject({ value: { bytes: speedBytes.most } })
    for (const wrong of ['?bytes=0', '?bytes=1e9', '?bytes=x', '?bytes=-1']) expect((await ask(wrong)).status).toBe(400)
    // A body that is too large is cut off; how that shows depends on how far the client was.
    const large = await ask('', { method: 'POST', body: Buffer.alloc(speedBytes.most * 8) }).then(
      ({ status }) => status,
      () => 'cut',
    )
    expect([400, 'cut']).toContain(large)
    await vi.waitFor(async () => expect((await ask(`?bytes=${speedBytes.most}`)).status).toBe(429), { timeout: 5_000 })
  } finally {
    await at.remove()
  }
})

test('a slow line is measured with the least, a fast one with more', () => {
  expect(nextSpeedBytes(speedBytes.least, 500)).toBeNull()
  expect(nextSpeedBytes(speedBytes.least, 5)).toBe(speedBytes.least * 4)
  expect(nextSpeedBytes(speedBytes.most, 1)).toBeNull()
  expect(kbitPerSecond(125_000, 1_000)).toBe(1_000)
  expect(kbitPerSecond(100, 0)).toBe(800)
})
