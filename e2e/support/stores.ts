import type { CollectionName, Documents } from '#shared/collections/collections.ts'
import type { Earning } from '#shared/collections/earning.schema.ts'
import type { JobState } from '#shared/collections/job.schema.ts'
import { recallHousehold } from '../../desktop/launch/firstStart.ts'
import { readInstance } from '../../desktop/launch/instanceFile.ts'
import { operatorClient } from '../../desktop/launch/operator.ts'
import { serverClient, type ServerClient } from '../../desktop/launch/serverClient.ts'
import { waitFor } from './waitFor.ts'

/** What the stores hold, read through the gateway with the rights that lie in the data folder. */
export interface Stores {
  owner(): ServerClient
  operator(): ServerClient
  documents<Name extends CollectionName>(collection: Name): Promise<Documents[Name][]>
  jobState(jobId: string): Promise<JobState | null>
  /** Waits until the job has ended in whatever way. */
  jobEnd(jobId: string, timeoutMs?: number): Promise<JobState>
  ledgerOf(jobId: string): Promise<Earning[]>
  /** How often each frame of the job was started, over all runs. */
  rendersPerFrame(jobId: string): Promise<Record<string, number>>
}

export function openStores(data: string): Stores {
  const gatewayUrl = () => {
    const url = readInstance(data)?.gatewayUrl
    if (url == null) throw new Error(`no gateway runs on ${data}`)
    return url
  }
  const owner = () => serverClient(gatewayUrl(), recallHousehold(data).ownerToken)
  const documents: Stores['documents'] = (collection) => owner().documents(collection)
  const jobState = async (jobId: string) => (await documents('jobStates')).find(({ id }) => id === jobId) ?? null
  return {
    ...{ owner, documents, jobState },
    operator: () => operatorClient(`${data}/gateway`, gatewayUrl()),
    jobEnd: (jobId, timeoutMs = 120_000) =>
      waitFor(
        `the end of job ${jobId}`,
        async () => {
          const state = await jobState(jobId)
          return state !== null && ['done', 'failed', 'cancelled'].includes(state.state) ? state : null
        },
        timeoutMs,
      ),
    ledgerOf: async (jobId) => (await documents('earnings')).filter((entry) => entry.jobId === jobId),
    async rendersPerFrame(jobId) {
      const counts: Record<string, number> = {}
      for (const run of await documents('runs')) {
        if (run.jobId !== jobId) continue
        for (const [frame, { renders }] of Object.entries(run.frames)) counts[frame] = (counts[frame] ?? 0) + renders
      }
      return counts
    },
  }
}
