import type { CollectionName, Documents } from '#shared/collections/collections.ts'
import { earningId } from '#shared/ids.ts'
import { sampleRun } from './sampleRun.ts'

/**
 * One good document of every collection, of this owner and node, with the marker in a text where there is room for one. What a running server
 * derives (roll-ups from ledger entries, job states from jobs) is of another day and of another job than the rest: it stays as it was put.
 */
export function sampleDocuments(ownerId: string, nodeId: string, marker: string): { [Name in CollectionName]: Documents[Name] } {
  const at = 1_800_000_000_000
  const sha256 = 'ab'.repeat(32)
  const file = { sha256, sizeBytes: 1, name: `${marker}.blend` }
  const base = { ownerId, updatedAt: at, marker }
  const job = { jobId: `job-${marker}`, jobName: marker }
  const info = { blenderVersion: '4.2.0' }
  return {
    profile: { ...base, id: ownerId, name: marker, stamps: {} },
    workers: { ...base, id: nodeId, name: marker, tags: [], createdAt: at, wanted: { generation: 0, pause: 'none' }, stamps: {} },
    nodes: {
      ...{ ...base, id: nodeId, startedAt: at, appVersion: '1', containmentLevel: 'none', generationDone: 0 },
      os: { platform: 'linux', name: 'Linux', release: '6', arch: 'x64', hostname: marker },
      hardware: { cpuName: 'cpu', cpuCores: 2, ramMiB: 1, diskFreeMiB: null, gpus: [] },
      ...{ software: [], activeTaskIds: [], holds: [], failedChecks: [], queuedTaskCount: 0, framesWaitingToUpload: 0 },
    },
    presence: { ...base, id: nodeId, connected: false, since: at, lastHeardAt: at, gatewayId: 'gateway' },
    tasks: {
      ...{
        ...base,
        ...job,
        id: `task-${marker}`,
        nodeId,
        chunkId: `chunk-${marker}`,
        kind: 'blender',
        state: 'closed',
        closedAs: 'completed',
      },
      ...{ createdAt: at, frames: [1], scene: file, extraFiles: [], settings: {}, info, format: 'PNG', needs: { kind: 'blender' } },
      quote: { kind: 'selfRender', microPerFrame: 1, feeBasisPoints: 1_000 },
      lease: { token: 1, issuedAt: at, expiresAt: at },
      verdicts: {},
    },
    runs: { ...sampleRun(ownerId, nodeId, 1), ...base, id: `task-${marker}` },
    earnings: {
      ...{
        ...base,
        ...job,
        id: earningId(`task-${marker}`, 'selfRender'),
        nodeId,
        taskId: `task-${marker}`,
        kind: 'selfRender',
        frames: 1,
      },
      ...{ grossMicro: 10, feeMicro: 1, netMicro: 9, state: 'final', createdAt: at, stateChangedAt: at },
    },
    rollups: {
      ...{ ...base, id: `${nodeId}:2027-01-14`, nodeId, day: '2027-01-14', networkGrossMicro: 0, networkFeeMicro: 0, networkNetMicro: 0 },
      ...{ selfRenderGrossMicro: 0, selfRenderFeeMicro: 0, selfRenderNetMicro: 0, tasksCompleted: 0, tasksFailed: 0, framesAccepted: 0 },
      ...{ renderMs: 0, framesByHour: Array<number>(24).fill(0), netMicroByHour: Array<number>(24).fill(0) },
    },
    jobs: {
      ...{ ...base, id: `job-${marker}`, name: marker, kind: 'blender', createdAt: at, frames: [1], chunkSize: 1, scene: file },
      ...{ extraFiles: [], settings: {}, info, wanted: 'paused', retryGeneration: 0 },
    },
    jobStates: { ...base, id: `job-before-${marker}`, state: 'paused', total: 1, accepted: 0, failed: 0, frames: {}, costMicro: 0 },
    notices: { ...base, id: `notice-${marker}`, at, code: 'X', severity: 'info', nodeId, details: { marker } },
  }
}
