import { createHash, createPublicKey, verify } from 'node:crypto'
import { nonceMessage } from '#shared/api/gatewayRoutes.ts'
import type { JsonObject } from '#shared/json.ts'
import { keyFingerprint } from '#shared/rules/keyFingerprint.ts'

/** In the private database `keys`, id = the node's id. */
export interface NodeKey extends JsonObject {
  id: string
  ownerId: string
  /** Raw Ed25519 public key, base64url; null: never enrolled. */
  publicKey: string | null
  enrolledAt: number | null
  revokedAt: number | null
  /** Enrolment tokens of an older generation are worthless; grows when the key is taken away. */
  tokenGeneration: number
  /** How often a machine was given this node's place; absent: never. */
  enrolments?: number
}

export const newNodeKey = (nodeId: string, ownerId: string): NodeKey => ({
  id: nodeId,
  ownerId,
  publicKey: null,
  enrolledAt: null,
  revokedAt: null,
  tokenGeneration: 0,
})

/** What is shown of a key; the node says the same of its own (`node.look`). */
export const fingerprintOf = (publicKey: string): string =>
  keyFingerprint(createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('base64'))

export function isPublicKey(publicKey: string): boolean {
  return keyObject(publicKey) !== null
}

/** Is this the node's signature over the nonce, for this server? */
export function signatureFits(publicKey: string, serverId: string, nodeId: string, nonce: string, signature: string): boolean {
  const key = keyObject(publicKey)
  return key !== null && verify(null, Buffer.from(nonceMessage(serverId, nodeId, nonce)), key, Buffer.from(signature, 'base64url'))
}

function keyObject(publicKey: string) {
  if (Buffer.from(publicKey, 'base64url').length !== 32) return null
  try {
    return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: publicKey } })
  } catch {
    return null
  }
}
