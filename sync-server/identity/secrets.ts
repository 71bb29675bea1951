import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { makeId } from '#shared/ids.ts'

/** Kinds of bearer secrets, told apart by their first letters so that a leaked one can be named. */
export type SecretKind = 'owner' | 'node' | 'link' | 'enrol' | 'operator'
const prefixes = { owner: 'po_', node: 'pn_', link: 'pl_', enrol: 'pe_', operator: 'pop_' } as const satisfies Record<SecretKind, string>

/** 256 random bits as text. Only its hash is ever kept (the operator's stands in a file of mode 0600). */
export const newSecret = (kind: SecretKind): string => prefixes[kind] + randomBytes(32).toString('base64url')

/** What a secret is stored and looked up by. A plain hash is enough for 256 random bits. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex')

export const newId = (prefix: string): string => makeId(prefix, randomBytes(20))

/** Takes the same time wherever the texts differ. */
export function sameSecret(left: string, right: string): boolean {
  return timingSafeEqual(createHash('sha256').update(left).digest(), createHash('sha256').update(right).digest())
}
