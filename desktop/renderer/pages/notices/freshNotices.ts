import type { Notice } from '#shared/collections/notice.schema.ts'

/** More than this at once would be a flood: the newest stand for all. */
const atOnce = 3

/**
 * Notices that came since the page was opened and that nobody has read anywhere, newest last.
 * @param shown ids that were shown before
 */
export function freshNotices(notices: readonly Notice[], sinceMs: number, readUpTo: number, shown: ReadonlySet<string>): Notice[] {
  return notices
    .filter(({ id, at, deletedAt }) => deletedAt === undefined && at > sinceMs && at > readUpTo && !shown.has(id))
    .sort((a, b) => a.at - b.at)
    .slice(-atOnce)
}
