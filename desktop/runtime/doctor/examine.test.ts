import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { checkRequirements, networkRequirements } from '#shared/rules/requirements.ts'
import { installedBlender } from '../engines/testing/testEngine.ts'
import { quietLog } from '../testing/quietLog.ts'
import { examineComputer } from './examine.ts'

test('this computer is looked over without a node, also where the data folder is not there yet', async () => {
  const found = await examineComputer({ dataFolder: join(tmpdir(), 'not', 'there', 'yet'), log: quietLog })
  const blender = await installedBlender()
  expect(found.software).toContainEqual(expect.objectContaining({ kind: 'blender', version: blender }))
  expect(found.hardware.ramMiB).toBeGreaterThan(100)
  expect(found.hardware.diskFreeMiB).toBeGreaterThan(0)
  expect(found.containment).toMatch(/^(bubblewrap|seatbelt|basic)(\+user)?\+(cgroup|jobObject|watchdog)$/)
  const checks = checkRequirements(networkRequirements, found)
  expect(checks.find(({ code }) => code === 'BLENDER_NOT_FOUND')).toMatchObject({ state: 'pass', found: blender })
})
