import { expect, test } from 'vitest'
import { splitJob } from '../jobs/splitJob.ts'
import { acceptFrame, assign, markSettled } from '../jobs/chunkMoves.ts'
import type { Chunk } from '../jobs/chunk.ts'
import { sampleDocuments } from '../testing/sampleDocuments.ts'
import { createChunkLines } from './chunkLines.ts'

const startedAtMs = 1_900_000_000_000
const dayMs = 86_400_000
const picture = { sha256: 'ab'.repeat(32), sizeBytes: 1, format: 'PNG', width: 1, height: 1, renderMs: 1 }

function settledChunk(atMs: number): Chunk {
  const { jobs } = sampleDocuments('owner-a', 'node-a', 'x')
  const [chunk] = splitJob({ ...jobs, wanted: 'run' }, { kind: 'blender' }, atMs)
  const assigned = chunk && assign(chunk, { nodeId: 'node-a', nodeOwnerId: 'owner-a' }, atMs, atMs + dayMs)
  const accepted = assigned && acceptFrame(assigned, 1, 1, picture, atMs)
  const settled = accepted && markSettled(accepted, accepted.attempts)
  if (!settled) throw new Error('the sample is not settled')
  return settled
}
const stateOf = (line: string | null) => (JSON.parse(line ?? 'null') as Chunk).attempts.map(({ state }) => state)

test('what may have been settled while the backup went on is settled again by the restored server', () => {
  const old = settledChunk(startedAtMs - dayMs)
  const taskId = old.attempts[0]?.taskId ?? ''
  const lines = (unsettled: string[]) => {
    const made = createChunkLines(startedAtMs, new Set(unsettled))
    made.addJob('owner-a', old.jobId)
    return made
  }
  const body = JSON.stringify(old)
  expect(lines([]).lineOf(body)).toBe(body)
  expect(stateOf(lines([taskId]).lineOf(body))).toEqual(['payable'])
  expect(stateOf(lines([]).lineOf(JSON.stringify(settledChunk(startedAtMs + 5))))).toEqual(['payable'])
})

test('chunks of a job that is not in the backup are left out', () => {
  expect(createChunkLines(startedAtMs, new Set()).lineOf(JSON.stringify(settledChunk(startedAtMs)))).toBeNull()
})
