import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EngineEvent, EngineTask } from '../engine.ts'
import { createRenderState } from './renderState.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pictor-state-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('what Blender prints late about a frame that was saved does not begin it again', () => {
  const events: EngineEvent[] = []
  const task = {
    id: 't',
    scenePath: 's.blend',
    frames: [1, 2],
    outputFolder: folder,
    workFolder: folder,
    settings: {},
    device: { kind: 'cpu' },
  }
  const state = createRenderState(
    task as EngineTask,
    '@',
    (event) => events.push(event),
    () => 0,
  )
  const say = (line: string) => state.readLine(line, 'stdout')
  for (const frame of [1, 2]) {
    const path = join(folder, `frame_00000${frame}.png`)
    writeFileSync(path, 'picture')
    say(`Rendering frame ${frame}`)
    say(`Saved: '${path}'`)
  }
  say('Rendering frame 1')
  say('Rendering frame 2')
  const told = events.flatMap((event) =>
    event.type === 'frameStarted' || event.type === 'frameSaved' ? [`${event.type} ${event.frame}`] : [],
  )
  expect(told).toEqual(['frameStarted 1', 'frameSaved 1', 'frameStarted 2', 'frameSaved 2'])
})
