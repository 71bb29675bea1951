import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorTraits, type AppError } from '#shared/errors/appError.ts'
import type { Engine, EngineEvent, EngineTask } from '../engines/engine.ts'

export interface FakeEngine extends Engine {
  /** Frames in the order in which they were begun, over all renders. */
  begun: Array<{ id: string; frame: number }>
  paused: boolean
  /** What the open scene says of its samples. */
  samples: number
  /** Asked before a frame is saved: wait, or answer with what goes wrong. */
  beforeSave: (task: EngineTask, frame: number, signal: AbortSignal) => Promise<AppError | null>
  /** What is written as a picture. */
  picture: (frame: number) => string
}

/** An engine that writes small files instead of rendering; for tests of what stands around it. */
export function fakeEngine(): FakeEngine {
  const engine: FakeEngine = {
    kind: 'blender',
    begun: [],
    paused: false,
    samples: 1,
    beforeSave: () => Promise.resolve(null),
    picture: (frame) => `picture of frame ${frame}`,
    probe: () =>
      Promise.resolve([{ kind: 'blender', version: '3.4.1', path: '/blender', engines: ['CYCLES'], devices: ['CPU'], denoisers: [] }]),
    render: (task, signal) => {
      const gate = { lastFrame: false }
      return {
        pause: () => (engine.paused = true),
        resume: () => (engine.paused = false),
        finishFrame: () => (gate.lastFrame = true),
        goOn: () => (gate.lastFrame = false),
        [Symbol.asyncIterator]: () => events(engine, task, signal, gate)[Symbol.asyncIterator](),
      }
    },
  }
  return engine
}

async function* events(
  engine: FakeEngine,
  task: EngineTask,
  signal: AbortSignal,
  gate: { lastFrame: boolean },
): AsyncGenerator<EngineEvent, void> {
  await mkdir(task.outputFolder, { recursive: true })
  const expectation = { frame: 1, format: 'PNG', width: 4, height: 4 } as const
  yield { type: 'started', blenderVersion: '3.4.1', engine: 'CYCLES', device: 'CPU', samples: engine.samples, expectation }
  for (const frame of task.frames) {
    if (gate.lastFrame) return void (yield { type: 'cancelled' })
    engine.begun.push({ id: task.id, frame })
    yield { type: 'frameStarted', frame }
    yield { type: 'progress', frame, memMiB: 300, deviceMemMiB: 200 }
    const error = await engine.beforeSave(task, frame, signal)
    if (signal.aborted) break
    if (error !== null) {
      yield { type: 'failed', error, fault: errorTraits(error.code).fault }
      return
    }
    const path = join(task.outputFolder, `frame_${String(frame).padStart(6, '0')}.png`)
    await writeFile(path, engine.picture(frame))
    yield { type: 'frameSaved', frame, path, renderMs: 5, expectation: { ...expectation, frame } }
    if (signal.aborted) break
  }
  if (signal.aborted) yield { type: 'cancelled' }
  else yield { type: 'finished', framesSaved: task.frames.length }
}
