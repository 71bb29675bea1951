import { createRandom } from '#shared/seededRandom.ts'
import { ownerId, type Seed } from './seedTypes.ts'
import { seedJobs } from './seedJobs.ts'
import { seedWorker } from './seedWorkers.ts'

/** A world that looks real: the same for the same number, so that pictures can be compared. */
export function seedWorld(workerCount: number, jobCount: number, nowMs: number): Seed {
  const random = createRandom(7)
  const seed: Seed = {
    profile: [],
    workers: [],
    nodes: [],
    presence: [],
    tasks: [],
    runs: [],
    earnings: [],
    rollups: [],
    jobs: [],
    jobStates: [],
    notices: [],
  }
  seed.profile.push({
    id: ownerId,
    ownerId,
    updatedAt: nowMs,
    name: 'Ada Lovelace',
    walletAddress: `0x${'7f3a91c2'.repeat(8)}`,
    stamps: {},
    noticesReadUpTo: nowMs - 7_200_000,
  })
  for (let index = 0; index < workerCount; index++) seedWorker(seed, index, nowMs, random)
  seedJobs(seed, jobCount, nowMs, random)
  // Without jobs nothing was ever rendered.
  if (jobCount === 0) {
    seed.rollups = []
    for (const node of seed.nodes) node.activeTaskIds = []
  }
  return seed
}
