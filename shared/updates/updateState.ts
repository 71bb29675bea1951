import type { AppError } from '../errors/appError.ts'

/** Why this installation never updates itself. */
export const updatesOff = ['noFeed', 'noKey', 'notPackaged', 'switchedOff', 'packageManager', 'notWritable'] as const
export type UpdatesOff = (typeof updatesOff)[number]

export interface UpdateRelease {
  version: string
  releaseNotes: string | null
}

/**
 * Where an update is:
 *
 *   disabled ◄─disable── any but restarting          ┌───────────── failed, refused, withdrawn ─────────────┐
 *      │ enable                                      │                                                      │
 *      └──► idle ──check──► checking ──found──► available ──download──► downloading ──downloaded──► downloaded
 *            ▲                 │ nothing, failed       ▲ failed            │                          │ ▲
 *            └─────────────────┘                       └───────────────────┘                  drain   ▼ │ vetoed
 *                                                                        restarting ◄──drained─── draining
 *                                                                             └── vetoed, failed ──► downloaded | idle
 *
 * `draining`: what is being rendered is finished first, at most until `deadlineAt` (server-independent wall time, milliseconds).
 */
export type UpdateState =
  | { name: 'disabled'; reason: UpdatesOff }
  | { name: 'idle'; checkedAt: number | null; problem: AppError | null }
  | { name: 'checking' }
  | { name: 'available'; release: UpdateRelease; problem: AppError | null }
  | { name: 'downloading'; release: UpdateRelease; percent: number }
  | { name: 'downloaded'; release: UpdateRelease; problem: AppError | null }
  | { name: 'draining'; release: UpdateRelease; deadlineAt: number }
  | { name: 'restarting'; release: UpdateRelease }

export type UpdateEvent =
  | { kind: 'enable' }
  | { kind: 'disable'; reason: UpdatesOff }
  | { kind: 'check' }
  | { kind: 'nothing'; at: number }
  | { kind: 'found'; release: UpdateRelease }
  | { kind: 'failed'; at: number; problem: AppError }
  /** The release must not be installed: withdrawn, or its file is not what was signed. */
  | { kind: 'refused'; at: number; problem: AppError }
  | { kind: 'download' }
  | { kind: 'progress'; percent: number }
  | { kind: 'downloaded' }
  | { kind: 'drain'; deadlineAt: number }
  | { kind: 'drained' }
  /** The person or the system stopped the restart: the update stays ready. */
  | { kind: 'vetoed' }

export const initialUpdateState: UpdateState = { name: 'idle', checkedAt: null, problem: null }

/** The state after an event; null when the event does not belong there (it came too late, or twice) and nothing is to be done. */
export function nextUpdateState(state: UpdateState, event: UpdateEvent): UpdateState | null {
  if (event.kind === 'disable') return state.name === 'restarting' ? null : { name: 'disabled', reason: event.reason }
  switch (state.name) {
    case 'disabled':
      return event.kind === 'enable' ? initialUpdateState : null
    case 'idle':
      return event.kind === 'check' ? { name: 'checking' } : null
    case 'checking':
      if (event.kind === 'found') return { name: 'available', release: event.release, problem: null }
      if (event.kind === 'nothing') return { name: 'idle', checkedAt: event.at, problem: null }
      return event.kind === 'failed' || event.kind === 'refused' ? gaveUp(event) : null
    case 'available':
      if (event.kind === 'download') return { name: 'downloading', release: state.release, percent: 0 }
      if (event.kind === 'check') return { name: 'checking' }
      return event.kind === 'refused' ? gaveUp(event) : null
    case 'downloading':
      if (event.kind === 'progress') return { ...state, percent: Math.min(100, Math.max(state.percent, event.percent)) }
      if (event.kind === 'downloaded') return { name: 'downloaded', release: state.release, problem: null }
      if (event.kind === 'failed') return { name: 'available', release: state.release, problem: event.problem }
      return event.kind === 'refused' ? gaveUp(event) : null
    case 'downloaded':
      if (event.kind === 'drain') return { name: 'draining', release: state.release, deadlineAt: event.deadlineAt }
      if (event.kind === 'check') return { name: 'checking' }
      return event.kind === 'refused' ? gaveUp(event) : null
    case 'draining':
      if (event.kind === 'drained') return { name: 'restarting', release: state.release }
      if (event.kind === 'vetoed') return { name: 'downloaded', release: state.release, problem: null }
      if (event.kind === 'failed') return { name: 'downloaded', release: state.release, problem: event.problem }
      return event.kind === 'refused' ? gaveUp(event) : null
    case 'restarting':
      if (event.kind === 'vetoed') return { name: 'downloaded', release: state.release, problem: null }
      if (event.kind === 'failed') return { name: 'downloaded', release: state.release, problem: event.problem }
      return event.kind === 'refused' ? gaveUp(event) : null
  }
}

const gaveUp = ({ at, problem }: { at: number; problem: AppError }): UpdateState => ({ name: 'idle', checkedAt: at, problem })
