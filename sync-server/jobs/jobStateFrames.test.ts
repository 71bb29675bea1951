import { describe, expect, it } from 'vitest'
import type { Chunk } from './chunk.ts'
import { frameEntries } from './jobStateFrames.ts'

const failure = (details?: Record<string, string>) => ({
  ...{ at: 1, nodeId: 'node-1' },
  error: {
    code: 'SCENE_MISSING_FILES',
    message: 'The scene uses files that are not there.',
    ...(details === undefined ? {} : { details }),
  },
})

describe('what the creator of a job is told of a frame that failed', () => {
  it('is the facts too, for the words of any language, unless they are long', () => {
    const chunk = {
      ...{ frames: [1, 2, 3], accepted: {}, attempts: [], wanted: 'run', jobOwnerId: 'owner-1' },
      failed: { 1: failure({ files: 'wood.png' }), 2: failure({ files: 'x'.repeat(600) }), 3: failure() },
      // Safe: nothing else of a chunk is looked at here.
    } as unknown as Chunk
    const entries = frameEntries(chunk)
    expect(Object.values(entries).map(({ state, error }) => [state, error?.message])).toEqual(
      [1, 2, 3].map(() => ['failed', 'The scene uses files that are not there.']),
    )
    expect(Object.values(entries).map(({ error }) => error?.['details'])).toEqual([{ files: 'wood.png' }, undefined, undefined])
  })
})
