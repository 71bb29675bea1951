import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EngineEvent, EngineTask } from '../engine.ts'
import { createRenderState } from './renderState.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pictor-state-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A state that is fed lines, and what it makes of them. */
function setUp(pausedMs: () => number = () => 0) {
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
  const state = createRenderState(task as EngineTask, '@', (event) => events.push(event), pausedMs)
  const picture = (frame: number): string => {
    const path = join(folder, `frame_00000${frame}.png`)
    writeFileSync(path, 'picture')
    return path
  }
  return { events, picture, say: (line: string) => state.readLine(line, 'stdout') }
}

test('what Blender prints late about a frame that was saved does not begin it again', () => {
  const { events, picture, say } = setUp()
  for (const frame of [1, 2]) {
    say(`Rendering frame ${frame}`)
    say(`Saved: '${picture(frame)}'`)
  }
  say('Rendering frame 1')
  say('Rendering frame 2')
  const told = events.flatMap((event) =>
    event.type === 'frameStarted' || event.type === 'frameSaved' ? [`${event.type} ${event.frame}`] : [],
  )
  expect(told).toEqual(['frameStarted 1', 'frameSaved 1', 'frameStarted 2', 'frameSaved 2'])
})

test('a frame took as long as Blender says, less the time it was paused, though its lines come together', () => {
  let pausedMs = 0
  const { events, picture, say } = setUp(() => pausedMs)
  const saved = (frame: number, elapsedMs: number) => `@${JSON.stringify({ event: 'frameSaved', frame, path: picture(frame), elapsedMs })}`
  say('@{"event":"frameStarted","frame":1}')
  say(saved(1, 2_500))
  say('@{"event":"frameStarted","frame":2}')
  pausedMs = 9_000
  say(saved(2, 10_250))
  const times = events.flatMap((event) => (event.type === 'frameSaved' ? [event.renderMs] : []))
  expect(times).toEqual([2_500, 1_250])
})

test.each([
  [
    'a whole line, up to 4.5',
    'Fra:1 Mem:9.96M (Peak 10.22M) | Time:00:00.10 | Remaining:00:00.39 | Mem:0.31M, Peak:0.31M | Scene, ViewLayer | Sample 16/64',
    10.22,
  ],
  ['what follows the frame, since 5.0', 'Remaining: 00:00.39 | Mem: 2M | Sample 16/64', 2],
])('the handler of statistics is given %s: the same is read', (_form, text, peakMiB) => {
  const { events, say } = setUp()
  say(`@${JSON.stringify({ event: 'stats', frame: 1, text })}`)
  expect(events).toMatchObject([{ type: 'progress', frame: 1, remainingMs: 390, peakMiB, status: 'Sample 16/64', sample: 16, samples: 64 }])
})

test('the most memory is remembered where Blender tells only what it uses now', () => {
  const { events, say } = setUp()
  for (const used of [5, 12, 3]) say(`00:01.875  render           | Fra: 1 | Mem: ${used}M | Updating Scene`)
  expect(events.flatMap((event) => (event.type === 'progress' ? [event.peakMiB] : []))).toEqual([5, 12, 12])
})
