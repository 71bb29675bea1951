import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isSameBoot, readBootId } from './bootId.ts'
import { setStopMark, whatCut } from './uncleanStop.ts'

let folder: string
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'pictor-node-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

test('an orderly stop leaves no mark; a cut one says whether work was in progress', async () => {
  const first = await setStopMark(folder, 1)
  expect(first.before).toBeNull()
  await first.mark.setWorking(true)
  const second = await setStopMark(folder, 2)
  expect(second.before).toEqual({ startedAtMs: 1, wasWorking: true, cause: 'CRASH' })
  await second.mark.clear()
  expect((await setStopMark(folder, 3)).before).toBeNull()
  await writeFile(join(folder, 'running.mark'), '{"star')
  expect((await setStopMark(folder, 4)).before).toMatchObject({ wasWorking: true })
})

test('a cut run says whether the computer went down or only Pictor Worker did', async () => {
  const started = (boot: string) => setStopMark(folder, 1, () => Promise.resolve(boot))
  await started('boot-1')
  expect((await started('boot-1')).before?.cause).toBe('CRASH')
  expect((await started('boot-2')).before?.cause).toBe('POWER_LOSS')
  // Marks of versions that did not know the boot yet.
  await writeFile(join(folder, 'running.mark'), '{"startedAtMs":1,"working":true}')
  expect((await started('boot-2')).before?.cause).toBe('CRASH')
  expect([isSameBoot('at 1000000', 'at 1019000'), isSameBoot('at 1000000', 'at 1060000')]).toEqual([true, false])
  expect(await readBootId()).toBe(await readBootId())
})

test('work that an update cut was cut by the update, also when the node was ended by force then', () => {
  const killed = { startedAtMs: 1, wasWorking: true, cause: 'CRASH' as const }
  const told = { code: 'FORCED_UPDATE', at: 5 }
  expect(whatCut(killed, told, 9)).toEqual(told)
  expect(whatCut(null, told, 9)).toEqual(told)
  expect(whatCut(killed, null, 9)).toEqual({ code: 'CRASH', at: 9 })
  expect(whatCut({ ...killed, wasWorking: false }, null, 9)).toBeNull()
  expect(whatCut(null, null, 9)).toBeNull()
})
