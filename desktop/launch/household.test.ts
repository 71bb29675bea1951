import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { nodeLookSchema } from '#shared/api/runtimeAsks.ts'
import { recallHousehold, rememberHousehold } from './firstStart.ts'
import { startHousehold, type Household } from './household.ts'
import { testLaunchContext } from './testing/launchContext.ts'

/** Real processes, from the sources. */
const patient = { timeout: 60_000, interval: 200 }
let folder = ''
let first: Pick<Household, 'gatewayUrl' | 'nodeId' | 'ownerId'>
let told: string[] = []
const data = () => join(folder, 'data')

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-household-'))
  const house = await start()
  first = { gatewayUrl: house.gatewayUrl, nodeId: house.nodeId, ownerId: house.ownerId }
  await house.stop()
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

async function start(): Promise<Household> {
  told = []
  const context = testLaunchContext(folder)
  return startHousehold({ ...context, couchUrl: null, pagePort: 0, onStarting: (parts) => told.push(parts.join(' ')) })
}
const lineOf = async (house: Household) => {
  const answer = await house.askNode('node.look', {})
  return answer.ok ? nodeLookSchema.parse(answer.value).line : answer.error.code
}

it('the first time the node comes behind its gateway, which makes it a worker', () => {
  expect(told).toEqual(['store', '', 'gateway', '', 'runtime', ''])
})

it('later the node starts beside its gateway, and reaches it as soon as it is there', { timeout: 120_000 }, async () => {
  const house = await start()
  try {
    expect(told.slice(0, 2)).toEqual(['runtime', 'runtime store'])
    expect(told.at(-1)).toBe('')
    expect({ gatewayUrl: house.gatewayUrl, nodeId: house.nodeId, ownerId: house.ownerId }).toEqual(first)
    await vi.waitFor(async () => expect(await lineOf(house)).toBe('live'), patient)
  } finally {
    await house.stop()
  }
})

it(
  'a node that was told too much too early is told anew: another port of the gateway, a session that is over',
  { timeout: 120_000 },
  async () => {
    const memory = recallHousehold(data())
    rememberHousehold(data(), { ...memory, ownerToken: 'over' })
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(memory.gatewayPort, '127.0.0.1', resolve))
    const house = await start()
    try {
      expect(house.gatewayUrl).not.toBe(first.gatewayUrl)
      expect(house).toMatchObject({ nodeId: first.nodeId, ownerId: first.ownerId })
      await vi.waitFor(async () => expect(await lineOf(house)).toBe('live'), patient)
      expect(recallHousehold(data())).toMatchObject({ gatewayPort: Number(new URL(house.gatewayUrl).port), nodeId: first.nodeId })
      expect(recallHousehold(data()).ownerToken).not.toBe('over')
    } finally {
      taken.close()
      await house.stop()
    }
  },
)
