import { expect, test, vi } from 'vitest'
import { homeRequirements, networkRequirements } from '#shared/rules/requirements.ts'
import { memoryFacts } from '../testing/memoryFacts.ts'
import { openRequirements } from './requirements.ts'

test('what the server asks of nodes is kept for when the line is cut, and asked again when it is back', async () => {
  const local = memoryFacts()
  let live: (is: boolean) => void = () => undefined
  let answer: unknown = { ok: false, error: { code: 'NOT_FOUND', message: '' } }
  const gateway = {
    isLive: () => false,
    onLive: (listener: (is: boolean) => void) => ((live = listener), () => undefined),
    call: () => Promise.resolve(answer),
  } as unknown as Parameters<typeof openRequirements>[0]['gateway']
  const first = openRequirements({ local, gateway })
  const changed = vi.fn()
  first.onChange(changed)
  live(true)
  await Promise.resolve()
  expect([first.current(), changed.mock.calls.length]).toEqual([homeRequirements, 0])
  answer = { ok: true, value: { requirements: networkRequirements } }
  live(true)
  await vi.waitFor(() => expect(first.current()).toEqual(networkRequirements))
  live(true)
  await new Promise((resolve) => setImmediate(resolve))
  expect(changed).toHaveBeenCalledTimes(1)
  expect(openRequirements({ local, gateway }).current()).toEqual(networkRequirements)
})
