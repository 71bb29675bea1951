import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { Presence } from '#shared/collections/presence.schema.ts'

/** `good`: as it should be; `lax`: it works, but less safely; `bad`: it keeps the worker from work; `unknown`: nobody said. */
export type SecurityState = 'good' | 'lax' | 'bad' | 'unknown'

export interface SecurityFact {
  state: SecurityState
  /** Under `detail.security`. */
  key: string
}

export interface SecurityFacts {
  /** How renders are kept away from the rest of the computer. `level` and `limits`: words of the engine, such as `bubblewrap` and `cgroup`. */
  containment: SecurityFact & { level: string; limits: string }
  /** Whether somebody else used the card while it rendered for the network. `at`: the last time that it was seen. */
  integrity: SecurityFact & { at: number | null; times: number }
  key: SecurityFact & { fingerprint: string | null; enrolledAt: number | null }
}

/** What is known of a worker's safety, as its node and the server said it. */
export function securityFacts(node: NodeDocument | null, presence: Presence | null, nowMs: number): SecurityFacts {
  // Older workers say only the first of the two.
  const [level = '', ...means] = (node?.containmentLevel ?? '').split('+')
  const limits = means.includes('user') ? 'userWatchdog' : (means[0] ?? '')
  const blocks = [...(node?.blocked ? [node.blocked] : []), ...(node?.pastBlocks ?? [])]
  const isBlocked = node?.blocked !== undefined && node.blocked.until > nowMs
  const integrity: SecurityFact = isBlocked
    ? { state: 'bad', key: 'blocked' }
    : blocks.length > 0
      ? { state: 'lax', key: 'wasBlocked' }
      : node === null
        ? { state: 'unknown', key: 'unknown' }
        : { state: 'good', key: 'clean' }
  return {
    containment: { ...containmentOf(level, node?.os.platform ?? ''), level, limits },
    integrity: { ...integrity, at: blocks[0]?.since ?? null, times: new Set(blocks.map(({ since }) => since)).size },
    key: {
      ...(presence?.key ? { state: 'good', key: 'enrolled' } : { state: 'unknown', key: presence === null ? 'noKey' : 'keyUnknown' }),
      fingerprint: presence?.key?.fingerprint ?? null,
      enrolledAt: presence?.key?.enrolledAt ?? null,
    },
  }
}

/** Only on Linux there is something to install. */
function containmentOf(level: string, platform: string): SecurityFact {
  if (level === '') return { state: 'unknown', key: 'unknown' }
  if (level === 'basic') return { state: 'lax', key: /linux/i.test(platform) ? 'lessContained' : 'lessContainedThere' }
  return { state: 'good', key: 'contained' }
}
