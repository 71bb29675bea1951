import type { Profile } from '#shared/collections/profile.schema.ts'
import { appError } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import { err, ok } from '#shared/result.ts'
import { tagPreferencesTopic } from '#shared/sync/live.ts'
import type { GatewayContext, GatewayService } from '../gatewayContext.ts'
import { everyNode } from '../sync/liveHub.ts'

/** A larger table is asked for by each node instead of being sent to all. */
const sentBytes = 32 * 1024

/**
 * Tells nodes what their owner wants of computers with a tag. Nodes may not read the profile, in which it stands beside what is none of
 * their business: they ask when their line comes up, and hear of each change at once.
 */
export function createTagPreferences({ store, calls, live }: GatewayContext): GatewayService {
  let stop = () => undefined as void
  calls.register({
    async 'node.tagPreferences'(session) {
      if (session === 'operator') return err(appError('NOT_ALLOWED'))
      const profile = await store.read(session.ownerId, 'profile', session.ownerId)
      return ok(profile === null ? { updatedAt: 0, byTag: {} } : tableOf(profile.document))
    },
  })
  return {
    name: 'tag preferences',
    async start() {
      const told = new Map<string, string>()
      stop = store.onWritten(({ ownerId, collection, document }) => {
        if (collection !== 'profile' || ownerId === null) return
        // Safe: every document of this collection was checked on its way in.
        const table = tableOf(document as unknown as Profile)
        const text = JSON.stringify(table.byTag)
        // Most edits of a profile are about something else.
        if ((told.get(ownerId) ?? '{}') === text) return
        told.set(ownerId, text)
        const value: JsonObject = text.length <= sentBytes ? (table as unknown as JsonObject) : { updatedAt: table.updatedAt }
        live.publish({ ownerId, nodeId: everyNode, topic: tagPreferencesTopic, value })
      })
    },
    async stop() {
      stop()
    },
  }
}

const tableOf = ({ updatedAt, preferencesByTag = {} }: Profile) => ({ updatedAt, byTag: preferencesByTag })
