import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { appError, AppErrorException } from '#shared/errors/appError.ts'

/** Locks secrets before they are written: with a key that the desktop app keeps in the system's keychain, or, without one, not at all. */
export interface Seal {
  seal(text: string): string
  /** Throws AppErrorException SECRETS_LOCKED when it was sealed with another key, or there is none here. */
  open(text: string): string
  /** Lies there open although it could be locked. */
  wants(text: string): boolean
}

const mark = 'sealed:1:'
const [nonceBytes, tagBytes] = [12, 16]

/** @param key 32 bytes as base64url; null leaves everything as it is */
export function createSeal(key: string | null): Seal {
  const bytes = key === null ? null : Buffer.from(key, 'base64url')
  if (bytes !== null && bytes.length !== 32) throw new Error('the key to seal with is not 32 bytes long')
  const locked = (cause?: unknown) => new AppErrorException(appError('SECRETS_LOCKED'), { cause })
  return {
    seal(text) {
      if (bytes === null) return text
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', bytes, nonce)
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return `${mark}${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`
    },
    open(text) {
      if (!text.startsWith(mark)) return text
      if (bytes === null) throw locked()
      const all = Buffer.from(text.slice(mark.length), 'base64url')
      try {
        const decipher = createDecipheriv('aes-256-gcm', bytes, all.subarray(0, nonceBytes), { authTagLength: tagBytes })
        decipher.setAuthTag(all.subarray(nonceBytes, nonceBytes + tagBytes))
        return Buffer.concat([decipher.update(all.subarray(nonceBytes + tagBytes)), decipher.final()]).toString('utf8')
      } catch (error) {
        throw locked(error)
      }
    },
    wants: (text) => bytes !== null && !text.startsWith(mark),
  }
}

export const noSeal: Seal = createSeal(null)
