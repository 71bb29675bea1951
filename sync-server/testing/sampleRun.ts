import type { Run } from '#shared/collections/run.schema.ts'

/** A run of about 0.7 KB, as a node writes it. */
export function sampleRun(ownerId: string, nodeId: string, index: number): Run {
  const createdAt = 1_800_000_000_000 + index
  return {
    ...{ id: `task-${String(index).padStart(6, '0')}`, ownerId, nodeId, jobId: `job-${index % 50}`, updatedAt: createdAt, createdAt },
    ...{
      leaseToken: 1,
      state: 'done',
      blenderVersion: '4.2.1',
      device: 'NVIDIA GeForce RTX 4070',
      startedAt: createdAt,
      finishedAt: createdAt + 60_000,
    },
    frames: Object.fromEntries(
      [1, 2].map((frame) => [
        String(index * 2 + frame),
        {
          ...{ state: 'delivered' as const, renders: 1, renderMs: 30_000 + index, startedAt: createdAt, finishedAt: createdAt + 30_000 },
          ...{ sha256: index.toString(16).padStart(64, 'ab'), sizeBytes: 1_234_567, width: 1920, height: 1080, format: 'PNG' },
        },
      ]),
    ),
    warnings: [],
  }
}
