import { randomBytes } from 'node:crypto'
import { isAbsolute, relative } from 'node:path'
import { appError, toAppError, type AppError } from '#shared/errors/appError.ts'
import { err, ok } from '#shared/result.ts'
import type { CallHandlers } from '../calls/callHandlers.ts'
import { backupStore, type BackupParts, type BackupReport } from './backupStore.ts'

type Progress = { done: number; total: number }
interface Run extends Progress {
  backupId: string
  outcome: { ok: true; report: BackupReport } | { ok: false; error: AppError } | null
}

/**
 * Backups of a server that runs, for its operator: one at a time, begun by one call and asked about by another, because they may take longer than
 * a request. Errors: BUSY (one is under way), BACKUP_INVALID, NOT_FOUND (of another start of the server).
 */
export function createBackupCalls(parts: Omit<BackupParts, 'nowMs' | 'onProgress' | 'signal'> & { now: () => number }): {
  handlers: CallHandlers
  /** Gives up the one that is under way. */
  stop(): Promise<void>
} {
  let latest: Run | null = null
  let working: Promise<void> = Promise.resolve()
  const stopping = new AbortController()

  function begin(folder: string): Run {
    const run: Run = { backupId: randomBytes(9).toString('base64url'), done: 0, total: 0, outcome: null }
    const onProgress = (done: number, total: number): void => void Object.assign(run, { done, total } satisfies Progress)
    working = backupStore({ ...parts, nowMs: parts.now(), onProgress, signal: stopping.signal }, folder).then(
      (report) => void (run.outcome = { ok: true, report }),
      (thrown: unknown) => void (run.outcome = { ok: false, error: toAppError(thrown) }),
    )
    return run
  }

  return {
    handlers: {
      'server.backup': async (_session, { folder }) => {
        if (latest !== null && latest.outcome === null) return err(appError('BUSY'))
        const reason = mistakeIn(folder, parts.dataFolder)
        if (reason !== null) return err(appError('BACKUP_INVALID', { path: folder, reason }))
        latest = begin(folder)
        return ok({ backupId: latest.backupId })
      },
      'server.backupState': async (_session, { backupId }) => {
        if (latest?.backupId !== backupId) return err(appError('NOT_FOUND'))
        const { done, total, outcome } = latest
        if (outcome?.ok === false) return err(outcome.error)
        return ok({ done, total, report: outcome === null ? null : { ...outcome.report } })
      },
    },
    async stop() {
      stopping.abort()
      await working
    },
  }
}

function mistakeIn(folder: string, dataFolder: string): string | null {
  if (!isAbsolute(folder)) return 'the folder must be given with its whole path'
  const inside = relative(dataFolder, folder)
  return inside.startsWith('..') || isAbsolute(inside) ? null : 'the folder is part of what is backed up'
}
