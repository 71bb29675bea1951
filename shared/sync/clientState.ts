import type { AppError } from '../errors/appError.ts'
import type { ErrorCode } from '../errors/codes.ts'
import type { HelloReply } from './protocol.ts'

/**
 * Where a client's one connection stands. Times are wall-clock milliseconds.
 *
 *   idle ──start──► connecting ──hello──► live ──lost──► offline ──back-off or wake──► connecting
 *                       │  ▲
 *     peer says no ─────▼  └──── wake, or rarely by itself
 *                    refused                                   stop leads from every state to `stopped`, for good
 */
export type ClientState =
  | { name: 'idle' }
  | { name: 'connecting'; since: number }
  | { name: 'live'; since: number; hello: HelloReply }
  | { name: 'offline'; since: number; error: AppError; nextTryAt: number }
  /** The peer will not have us: trying again at once would not help. `nextTryAt` null: only `wake()` tries again. */
  | { name: 'refused'; since: number; error: AppError; nextTryAt: number | null }
  | { name: 'stopped' }

export const clientStates = {
  idle: (): ClientState => ({ name: 'idle' }),
  connecting: (since: number): ClientState => ({ name: 'connecting', since }),
  live: (since: number, hello: HelloReply): ClientState => ({ name: 'live', since, hello }),
  offline: (since: number, error: AppError, nextTryAt: number): ClientState => ({ name: 'offline', since, error, nextTryAt }),
  refused: (since: number, error: AppError, nextTryAt: number | null): ClientState => ({ name: 'refused', since, error, nextTryAt }),
  stopped: (): ClientState => ({ name: 'stopped' }),
}

/** Answers to connecting that time alone does not change; `never`: only somebody's doing does. */
const refusals: Partial<Record<ErrorCode, 'rarely' | 'never'>> = {
  PROTOCOL_TOO_OLD: 'rarely',
  NOT_SIGNED_IN: 'rarely',
  NOT_ALLOWED: 'rarely',
  NODE_UNKNOWN: 'rarely',
  CONFIG_OTHER_SERVER: 'rarely',
  TLS_REQUIRED: 'rarely',
  ENROLMENT_REFUSED: 'never',
  CONFIG_EXPIRED: 'never',
  NODE_REVOKED: 'never',
  NODE_CLONED: 'never',
}

export function refusalKind(error: AppError): 'rarely' | 'never' | null {
  return refusals[error.code] ?? null
}
