import type { Task } from '#shared/collections/task.schema.ts'

/** A task as the server would write it. */
export function makeTask(change: Partial<Task> = {}): Task {
  const frames = change.frames ?? [1, 2, 3]
  const nowMs = Date.now()
  return {
    id: 'task-1',
    ownerId: 'owner-1',
    updatedAt: nowMs,
    nodeId: 'node-1',
    jobId: 'job-1',
    jobName: 'Monkey',
    chunkId: 'chunk-1',
    kind: 'blender',
    state: 'assigned',
    createdAt: nowMs,
    frames,
    scene: { sha256: 'a'.repeat(64), sizeBytes: 5, name: 'scene.blend' },
    extraFiles: [],
    settings: {},
    info: { blenderVersion: '3.4' },
    format: 'PNG',
    needs: { kind: 'blender' },
    quote: { kind: 'selfRender', microPerFrame: 10, feeBasisPoints: 1_000 },
    lease: { token: 1, issuedAt: nowMs, expiresAt: nowMs + 86_400_000 },
    verdicts: Object.fromEntries(frames.map((frame) => [String(frame), { verdict: 'open' }])),
    ...change,
  }
}
