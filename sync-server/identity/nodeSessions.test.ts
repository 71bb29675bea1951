import { expect, test } from 'vitest'
import { durations } from '#shared/durations.ts'
import { realClock } from '../testing/testTools.ts'
import { createNodeSessions } from './nodeSessions.ts'

test('a node’s session lasts its hour whatever the clock on the wall is set to', () => {
  let [wallMs, ranMs] = [1_800_000_000_000, 0]
  const sessions = createNodeSessions({ ...realClock, now: () => wallMs, monotonicMs: () => ranMs })
  const { token, session } = sessions.make({ ownerId: 'owner-1', nodeId: 'node-1', instanceId: 'one', publicKey: 'key' }, null)
  expect(session.expiresAtMs).toBe(wallMs + durations.nodeSessionMs)
  // Until its own renewal nothing of the node would get through: no file, no call.
  wallMs += 2 * 3_600_000
  ranMs += durations.nodeSessionMs - 1
  expect(sessions.find(token)).toEqual(session)
  wallMs -= 86_400_000
  ranMs += 1
  expect(sessions.find(token)).toBeNull()
})
