import type { Notice } from '../collections/notice.schema.ts'

/** What the server tells an owner. The words are in `shared/words`; `details` fill them. */
export const noticeSeverities = {
  /** details: name, frames */
  JOB_DONE: 'info',
  /** details: name, failed, total, reason, because (the same as an error: code and facts) */
  JOB_FAILED: 'problem',
  /** The job could not be begun. details: name, reason, because, code */
  JOB_REFUSED: 'problem',
  /** details: frame, reason, because, code */
  FRAME_REFUSED: 'warning',
  /** details: name, lastHeardAt */
  NODE_OFFLINE: 'warning',
  /** details: name, code, until, and where the node says what it saw: seen (its facts by name), evidence (the same as one text) */
  NODE_BLOCKED: 'problem',
  /** The owner contested a block. details: name, code, since, seen, evidence */
  NODE_BLOCK_CONTESTED: 'info',
  /** Task after task failed there, so it takes none for a while. details: name, code (the last error's, or ''), until */
  NODE_RESTS: 'problem',
  /** details: frames */
  LEASE_EXPIRED: 'warning',
  /** details: netMicro, reference */
  PAYOUT: 'info',
} as const satisfies Record<string, Notice['severity']>

export type NoticeCode = keyof typeof noticeSeverities
