import { computed, type ComputedRef } from 'vue'
import { useDocuments } from '../../data/dataLink.ts'

/** How many notices are newer than what was read. */
export function useUnread(): ComputedRef<number> {
  const notices = useDocuments('notices', { sort: [{ at: 'desc' }], limit: 200 })
  const profiles = useDocuments('profile')
  return computed(() => {
    const readUpTo = profiles.documents[0]?.noticesReadUpTo ?? 0
    return notices.documents.filter((notice) => notice.at > readUpTo && notice.deletedAt === undefined).length
  })
}
