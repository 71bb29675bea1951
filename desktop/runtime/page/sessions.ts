import { createHash, randomBytes } from 'node:crypto'
import { durations } from '#shared/durations.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'

export interface PageSession {
  sessionId: string
  expiresAtMs: number
}

const hash = (secret: string): string => createHash('sha256').update(secret).digest('hex')
const makeSecret = (): string => randomBytes(32).toString('base64url')

/**
 * Who may use the local page: one-time link secrets and the sessions they were changed into. Only hashes are stored, so that the file
 * opens nothing. Times are this computer's: the page must work with a clock that is wrong, as long as it is the same one.
 */
export function openPageSessions(local: LocalDatabase, now: () => number) {
  local.migrate({
    feature: 'pageSessions',
    steps: [
      `CREATE TABLE page_links (secret_hash TEXT PRIMARY KEY, expires_ms INTEGER NOT NULL) WITHOUT ROWID;
       CREATE TABLE page_sessions (token_hash TEXT PRIMARY KEY, session_id TEXT NOT NULL, expires_ms INTEGER NOT NULL) WITHOUT ROWID`,
    ],
  })
  const addLink = local.sql.prepare('INSERT INTO page_links (secret_hash, expires_ms) VALUES (?, ?)')
  const takeLink = local.sql.prepare('DELETE FROM page_links WHERE secret_hash = ? AND expires_ms > ?')
  const dropLinks = local.sql.prepare('DELETE FROM page_links WHERE expires_ms <= ?')
  const addSession = local.sql.prepare('INSERT INTO page_sessions (token_hash, session_id, expires_ms) VALUES (?, ?, ?)')
  const findSession = local.sql.prepare('SELECT session_id, expires_ms FROM page_sessions WHERE token_hash = ? AND expires_ms > ?')
  const dropSession = local.sql.prepare('DELETE FROM page_sessions WHERE token_hash = ?')
  const dropSessions = local.sql.prepare('DELETE FROM page_sessions WHERE expires_ms <= ?')

  function begin(): PageSession & { token: string } {
    dropSessions.run(now())
    const token = makeSecret()
    const session = { sessionId: `page-${makeSecret().slice(0, 12)}`, expiresAtMs: Math.floor(now()) + durations.ownerSessionMs }
    addSession.run(hash(token), session.sessionId, session.expiresAtMs)
    return { ...session, token }
  }

  return {
    /** A secret that lets somebody in once, within 15 minutes. */
    makeLink(): string {
      const secret = makeSecret()
      dropLinks.run(now())
      addLink.run(hash(secret), Math.floor(now()) + durations.oneTimeLinkMs)
      return secret
    },
    /** Changes a link's secret into a session; null when it was used or is too old. */
    signIn(secret: string): (PageSession & { token: string }) | null {
      return local.transaction(() => {
        return takeLink.run(hash(secret), now()).changes === 0 ? null : begin()
      })
    },
    /** A session for somebody who proved otherwise who they are. */
    begin: () => local.transaction(begin),
    find(token: string): PageSession | null {
      const row = findSession.get(hash(token), now())
      return row === undefined ? null : { sessionId: String(row['session_id']), expiresAtMs: Number(row['expires_ms']) }
    },
    signOut: (token: string) => void dropSession.run(hash(token)),
  }
}
export type PageSessions = ReturnType<typeof openPageSessions>
