import { computed, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { useData, useDocuments } from '../../data/dataLink.ts'
import { freshNotices } from './freshNotices.ts'
import { useSystemNotices } from './systemNotices.store.ts'
import { useNoticeText } from './useNoticeText.ts'

/** Hands new notices to the system while nobody looks at the page. A click on one brings the page to what it is about. */
export function useShowNotices(): void {
  const { t } = useI18n()
  const data = useData()
  const router = useRouter()
  const system = useSystemNotices()
  const textOf = useNoticeText()
  let sinceMs = data.peerNow()
  const shown = new Set<string>()
  const on = computed(() => system.state === 'on')
  // What was there when it was turned on was seen.
  watch(on, () => (sinceMs = data.peerNow()), { flush: 'sync' })
  const notices = useDocuments('notices', () => (on.value ? { sort: [{ at: 'desc' }], limit: 50 } : null))
  const profiles = useDocuments('profile')
  watch(
    () => notices.documents,
    (documents) => {
      const fresh = freshNotices(documents, sinceMs, profiles.documents[0]?.noticesReadUpTo ?? 0, shown)
      for (const notice of documents) if (notice.at > sinceMs) shown.add(notice.id)
      // Who looks at the page sees the bell.
      if (!on.value || document.hasFocus()) return
      for (const notice of fresh) {
        // The tag: several open pages of one browser show it once.
        const note = new Notification(t('app.name'), { body: textOf(notice), tag: notice.id })
        note.onclick = () => {
          window.focus()
          note.close()
          void router.push(notice.jobId === undefined ? { name: 'notices' } : { name: 'job', params: { jobId: notice.jobId } })
        }
      }
    },
  )
}
