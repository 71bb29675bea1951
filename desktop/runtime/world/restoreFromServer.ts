import type { Logger } from '#shared/log.ts'
import type { Holds } from '../node/holds.ts'
import type { Repairs } from '../node/repairs.ts'
import type { Uplink } from '../sync/uplink.ts'
import type { TaskRunnerOptions } from '../tasks/taskRunner.ts'

/**
 * The database of documents was lost: the node rests (`RESTORING`) until everything that the server has for it is here. Without a server there is
 * nothing to wait for.
 */
export function restoreFromServer(parts: {
  repairs: Repairs
  holds: Holds
  uplink: Pick<Uplink, 'status' | 'onStatus'>
  log: Logger
}): NonNullable<TaskRunnerOptions['restoring']> {
  const { repairs, holds, uplink, log } = parts
  holds.set('RESTORING', { blocks: true })
  return {
    until: new Promise((resolve) => {
      const isThrough = () => ['live', 'local'].includes(uplink.status().state)
      if (isThrough()) return resolve()
      const off = uplink.onStatus(() => {
        if (!isThrough()) return
        off()
        resolve()
      })
    }),
    done(found) {
      log.info('what this node has in hand was restored from the server and from the disk', found)
      repairs.restored(found)
      holds.clear('RESTORING')
    },
  }
}
