import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import type { RuntimeCollections } from '../database/openDatabase.ts'
import type { FindFrame } from '../page/frames.ts'
import type { ResultStore } from '../tasks/results/resultStore.ts'

const contentTypes: Record<string, string> = { '.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg' }
/** A picture up to this size is its own thumbnail; larger ones come from the gateway, which makes small ones. */
const ownThumbBytes = 4 * 1024 * 1024
const other = 'application/octet-stream'

/** Pictures that this computer rendered and still has. */
export function createFindFrame(runs: RuntimeCollections['runs'], results: ResultStore): FindFrame {
  return async (jobId, frame, size) => {
    const found = await runs.find({ selector: { jobId }, sort: [{ jobId: 'asc' }, { createdAt: 'desc' }] }).exec()
    for (const run of found) {
      // The stored schema names only indexed fields, and RxDB's documents have getters for those alone.
      const state = run.toJSON().frames[String(frame)]?.state
      if (state !== 'finished' && state !== 'delivered') continue
      const path = await results.find(run.id, frame)
      if (path === null) continue
      const contentType = contentTypes[extname(path).toLowerCase()] ?? other
      if (size === 'full') return { path, contentType }
      const bytes = (await stat(path).catch(() => null))?.size ?? Infinity
      if (contentType !== other && bytes <= ownThumbBytes) return { path, contentType }
    }
    return null
  }
}
