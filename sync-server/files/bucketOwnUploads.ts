import { durations } from '#shared/durations.ts'
import type { Bucket } from './bucket.ts'
import { isSha256 } from './fileStore.ts'
import type { OwnUpload, OwnUploads } from './ownUploads.ts'

/** As `createOwnUploads`, where every gateway sees it: an entry is a small object `ownUploads/<task>/<frame>-<sha256>`. */
export function createBucketOwnUploads(bucket: Bucket): OwnUploads {
  const keyOf = ({ taskId, frame, sha256 }: OwnUpload) => `ownUploads/${encodeURIComponent(taskId)}/${frame}-${sha256}`
  return {
    add: (upload) => bucket.put(keyOf(upload), new Blob(['1'])),
    has: async (upload) => isSha256(upload.sha256) && (await bucket.sizeOf(keyOf(upload))) !== null,
    sweep: (nowMs) => bucket.removeOlder('ownUploads/', nowMs - durations.uploadAbandonedAfterMs),
  }
}
