import { createHmac, randomBytes } from 'node:crypto'
import { durations } from '#shared/durations.ts'
import type { Clock } from '#shared/log.ts'
import { sameSecret } from './secrets.ts'

/** Remembered until they would be too old anyway; a sign-in with a real key stands behind each. */
const maxSpent = 50_000

/**
 * What nodes sign to show that they have their key: for one node, for 2 minutes, once. A nonce carries its own proof of origin, so giving them out
 * keeps nothing: whoever asks for millions pushes nobody else's out. Only those that came back rightly signed are remembered.
 */
export interface Nonces {
  make(nodeId: string): string
  /** Made here for this node, not too old, and not spent yet. */
  isGood(nodeId: string, nonce: string): boolean
  /** False when it was spent already. Call it only for a nonce whose signature is right. */
  spend(nonce: string): boolean
}

export function createNonces(clock: Clock): Nonces {
  const key = randomBytes(32)
  /** By nonce, in order of age: since when they are spent. */
  const spent = new Map<string, number>()
  const sealed = (nodeId: string, madeAt: string, salt: string) =>
    `nonce_${madeAt}.${salt}.${createHmac('sha256', key).update(`${nodeId}\n${madeAt}\n${salt}`).digest('base64url')}`

  return {
    make: (nodeId) => sealed(nodeId, String(Math.floor(clock.monotonicMs())), randomBytes(16).toString('base64url')),
    isGood(nodeId, nonce) {
      const [, madeAt = '', salt = ''] = /^nonce_(\d{1,16})\.([\w-]{1,40})\.[\w-]{43}$/.exec(nonce) ?? []
      if (!sameSecret(nonce, sealed(nodeId, madeAt, salt))) return false
      return clock.monotonicMs() - Number(madeAt) < durations.nonceMs && !spent.has(nonce)
    },
    spend(nonce) {
      if (spent.has(nonce)) return false
      for (const [old, sinceMs] of spent) {
        if (clock.monotonicMs() - sinceMs < durations.nonceMs && spent.size < maxSpent) break
        spent.delete(old)
      }
      spent.set(nonce, clock.monotonicMs())
      return true
    },
  }
}
