import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Logger } from '#shared/log.ts'
import { homeRequirements } from '#shared/rules/requirements.ts'
import { policyCall } from './policyCall.ts'

let folder: string
const warnings: string[] = []
const nothing = () => undefined
const log: Logger = { debug: nothing, info: nothing, warn: (message) => warnings.push(message), error: nothing, child: () => log }
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictor-policy-'))
  warnings.length = 0
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const ask = async () => {
  const answer = await policyCall(folder, log)['node.policy']?.('operator', {})
  return answer?.ok ? answer.value.requirements : null
}

test('without a file anyone may try; with one its fields count, at once; one that cannot be read changes nothing and is said', async () => {
  expect(await ask()).toEqual(homeRequirements)
  await writeFile(join(folder, 'requirements.json'), '{"ramMiB": 32768, "enforced": ["RAM_TOO_SMALL"]}')
  expect(await ask()).toEqual({ ...homeRequirements, ramMiB: 32_768, enforced: ['RAM_TOO_SMALL'] })
  expect(warnings).toEqual([])
  for (const broken of ['{"ramMiB": "much"}', '{', '[]']) {
    await writeFile(join(folder, 'requirements.json'), broken)
    expect(await ask()).toEqual(homeRequirements)
  }
  expect(warnings).toHaveLength(3)
})
