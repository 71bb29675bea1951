import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import type { FeedFile, UpdatePlatform } from '#shared/updates/feed.schema.ts'
import { releaseStatement } from '#shared/updates/releaseStatement.ts'

/** A new key for signing releases. `privatePem` belongs on a medium that is not on the net; `publicKey` is pinned in the app. */
export function makeReleaseKey(): { privatePem: string; publicKey: string } {
  const { privateKey } = generateKeyPairSync('ed25519')
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { privatePem, publicKey: publicKeyOf(privatePem) }
}

/** The public half, 32 bytes in base64url. Throws when the text holds no Ed25519 key. */
export function publicKeyOf(privatePem: string): string {
  const { x, crv } = createPublicKey(createPrivateKey(privatePem)).export({ format: 'jwk' })
  if (crv !== 'Ed25519' || x === undefined) throw new Error('not an Ed25519 key')
  return x
}

/** @returns the signature in base64 */
export function signRelease(privatePem: string, version: string, platform: UpdatePlatform, sha512: string): string {
  return sign(null, Buffer.from(releaseStatement(version, platform, sha512)), createPrivateKey(privatePem)).toString('base64')
}

/** Signed by one of the pinned keys? Several, so that a key can be replaced: a version that knows both comes in between. */
export function isSignedRelease(
  publicKeys: readonly string[],
  platform: UpdatePlatform,
  version: string,
  { sha512, signature }: Pick<FeedFile, 'sha512' | 'signature'>,
): boolean {
  const statement = Buffer.from(releaseStatement(version, platform, sha512))
  return publicKeys.some((x) => {
    try {
      const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
      return verify(null, statement, key, Buffer.from(signature, 'base64'))
    } catch {
      // A pinned key that is no key signs nothing.
      return false
    }
  })
}
