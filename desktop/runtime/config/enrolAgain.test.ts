import { expect, it } from 'vitest'
import type { WorkerConfig } from '#shared/api/workerConfig.ts'
import { appError } from '#shared/errors/appError.ts'
import { ok } from '#shared/result.ts'
import { quietLog } from '../testing/quietLog.ts'
import { createEnrolAgain } from './enrolAgain.ts'

const config: WorkerConfig = {
  ...{ format: 'pictor-worker-config', formatVersion: 1, serverUrl: 'https://farm.example', serverId: 'server-1', ownerId: 'owner-1' },
  ...{ ownerName: 'Ada', workerId: null, workerName: 'rig', enrolmentToken: 'enrol_x', expiresAt: 1 },
}
const cloned = { state: 'refused' as const, error: { ...appError('NODE_CLONED') } }

it.each([
  ['a token for many, and another computer with the key', config, cloned, 1],
  ['a config for one worker', { ...config, workerId: 'node-1' }, cloned, 0],
  ['no config', null, cloned, 0],
  ['another refusal', config, { state: 'refused' as const, error: { ...appError('NODE_REVOKED') } }, 0],
  ['a cut line', config, { state: 'offline' as const, error: null }, 0],
])('%s', (_what, given, status, times) => {
  let enrolled = 0
  const onStatus = createEnrolAgain({
    ...{ config: given, log: quietLog },
    enrol: async () => {
      enrolled += 1
      return ok(null)
    },
  })
  // The status is told again and again; it is answered once.
  for (let time = 0; time < 3; time += 1) onStatus(status)
  expect(enrolled).toBe(times)
})
