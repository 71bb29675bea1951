import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quietLog } from '../../testing/quietLog.ts'
import { systemClock } from '../../systemClock.ts'
import type { EngineEvent } from '../engine.ts'
import { createRunBounds, type Bounds } from '../process/runBounds.ts'
import { createFakeBlender } from '../testing/fakeBlender.ts'
import { makeTestScene } from '../testing/makeTestScene.ts'
import { createTestEngine } from '../testing/testEngine.ts'

/**
 * What a scene would do if it got so far as to run code of its own. Blender runs none of it (autoexec is off, see blenderEngine.test.ts), so a
 * program stands in for Blender, in the same containment and the same bounds.
 */
const mib = 1024 ** 2
const bounds: Bounds = { memoryBytes: 300 * mib, processes: 20, tasks: 120, disk: { bytes: 20 * mib, entries: 200 }, printedBytes: 8 * mib }

let folder = ''
let scene = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictor-hostile-'))
  await mkdir(join(folder, 'secret'))
  await writeFile(join(folder, 'secret', 'key'), 'the secret of the owner')
  scene = await makeTestScene()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function play(body: string, more: { silenceMs?: number } = {}) {
  const place = await createFakeBlender(folder, body, 'auto', createRunBounds({ clock: systemClock, log: quietLog, bounds }))
  const lines: string[] = []
  const task = place.task(scene, more)
  const events = await place.run(task, (event: EngineEvent) => event.type === 'log' && lines.push(event.line))
  const leftInScratch = await readdir(task.workFolder).catch(() => [])
  const level = await place.engine.containment.level()
  await place.remove()
  return { end: events.at(-1), lines, leftInScratch, level }
}

/** The computer is as it was, and the next honest task renders. */
async function expectUnharmed() {
  expect(await readdir(join(folder, 'secret'))).toEqual(['key'])
  expect(await readFile(join(folder, 'secret', 'key'), 'utf8')).toBe('the secret of the owner')
  const honest = await createTestEngine([], 'auto', createRunBounds({ clock: systemClock, log: quietLog }))
  expect((await honest.run(honest.task(scene))).at(-1)).toEqual({ type: 'finished', framesSaved: 1 })
  await honest.remove()
}

describe('hostile scenes', () => {
  test.each([
    ['starts processes without end', 'for i in $(seq 500); do sleep 60 & done; wait', 'SCENE_STARTS_PROCESSES', 'scene'],
    ['fills the memory', `python3 -c "kept = []\nwhile True: kept.append(b'1' * 20000000)"`, 'OUT_OF_MEMORY', 'node'],
    ['fills the disk', 'while :; do head -c 2000000 /dev/zero >> filled; sleep 0.05; done', 'SCENE_FILLS_DISK', 'scene'],
    ['makes files without end', 'n=0; while :; do n=$((n+1)); echo > "file$n"; done', 'SCENE_FILLS_DISK', 'scene'],
    ['prints without end', 'yes "the same line again and again"', 'SCENE_PRINTS_TOO_MUCH', 'scene'],
    ['prints without a line end', `head -c 1000000000 /dev/zero`, 'SCENE_PRINTS_TOO_MUCH', 'scene'],
    ['hangs, deaf to signals', "trap '' TERM HUP INT; echo waiting; while :; do sleep 1; done", 'BLENDER_TIMED_OUT', 'node'],
  ])('one that %s is ended and named', { timeout: 120_000 }, async (_what, body, code, fault) => {
    const { end, leftInScratch } = await play(body, code === 'BLENDER_TIMED_OUT' ? { silenceMs: 400 } : {})
    expect(end).toMatchObject({ type: 'failed', error: { code }, fault })
    expect(leftInScratch).toEqual([])
  })

  test('one that reads, writes and calls where it should not gets nowhere', async () => {
    let calls = 0
    const server = createServer((socket) => void (calls++, socket.end()))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const { end, lines, level } = await play(`
      cat "${folder}/secret/key"
      echo mine > "${folder}/secret/written"
      echo changed > "${scene}"
      (exec 3<>/dev/tcp/127.0.0.1/${port} && echo connected)
      kill -9 ${process.pid} && echo "reached the node"
      exit 0`)
    server.close()
    expect(end).toMatchObject({ type: 'failed', error: { code: 'BLENDER_NO_IMAGE' } })
    // Where this system has no bubblewrap, nothing keeps such a program from all of this, and the node says "basic".
    if (level === 'bubblewrap') {
      expect(lines.join('\n')).not.toMatch(/the secret of the owner|connected|reached the node/)
      expect(calls).toBe(0)
    }
  })

  test('none of them cost the node anything else', expectUnharmed)
})
