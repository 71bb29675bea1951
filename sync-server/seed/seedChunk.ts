import type { Random } from '#shared/seededRandom.ts'
import type { Chunk } from '../jobs/chunk.ts'
import { acceptFrame, assign, closeAttempt, markSettled, type Assignee } from '../jobs/chunkMoves.ts'
import type { SeedPicture } from './seedPictures.ts'
import { dayMs } from './seedTypes.ts'

/** How an attempt went. */
export type AttemptEnd = 'completed' | 'failed' | 'released' | 'expired' | 'open'

export interface SeedAttempt {
  to: Assignee
  issuedAt: number
  /** For all its frames together. */
  takesMs: number
  end: AttemptEnd
  pictures: readonly SeedPicture[]
}

const sceneError = {
  code: 'SCENE_MISSING_FILES',
  message: 'The scene uses files that are not there: //textures/wood_floor_4k.png.',
  details: { files: '//textures/wood_floor_4k.png' },
}
const passingError = { code: 'GPU_OUT_OF_MEMORY', message: 'The card has not enough memory for this scene.' }

/** Takes a chunk through one attempt with the very moves the gateway makes. */
export function playAttempt(chunk: Chunk, attempt: SeedAttempt, random: Random, nowMs: number): Chunk {
  const { to, issuedAt, takesMs, end, pictures } = attempt
  let next = moved(assign(chunk, to, issuedAt, issuedAt + dayMs))
  const token = next.attempt
  const frames = next.attempts.at(-1)?.frames ?? []
  const renderMs = Math.max(1_000, Math.floor((takesMs - 2_000) / Math.max(1, frames.length)))
  const accepted = end === 'completed' ? frames.length : end === 'open' ? random.whole(Math.min(3, frames.length)) : 0
  let at = issuedAt + 2_000
  for (const frame of frames.slice(0, accepted)) {
    const took = Math.round(renderMs * (0.82 + 0.16 * random.next()))
    at += took + 300
    const { sha256, sizeBytes, width, height } = random.pick(pictures)
    next = moved(
      acceptFrame(
        next,
        token,
        frame,
        { ...{ sha256, sizeBytes, format: 'PNG', width, height, renderMs: took } },
        Math.min(at, nowMs - 1_000),
      ),
    )
  }
  if (end === 'open' || end === 'completed') return end === 'open' ? next : settled(next)
  const failure = end === 'failed' ? { error: passingError } : undefined
  return moved(closeAttempt(next, token, end, issuedAt + takesMs, failure))
}

/** The scene cannot be rendered: after as many tries as the rules give, its frames are given up. */
export function playSceneFailure(chunk: Chunk, to: Assignee, issuedAt: number, takesMs: number): Chunk {
  const next = moved(assign(chunk, to, issuedAt, issuedAt + dayMs))
  return settled(moved(closeAttempt(next, next.attempt, 'failed', issuedAt + takesMs, { error: sceneError })))
}

/** As the settler leaves it when every entry and document of its attempts is written. */
function settled(chunk: Chunk): Chunk {
  return markSettled(chunk, chunk.attempts) ?? chunk
}

function moved(chunk: Chunk | null): Chunk {
  if (chunk === null) throw new Error('a move of the seed is not one the gateway makes')
  return chunk
}
