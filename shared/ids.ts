import { z } from 'zod'

/**
 * Ids are lower-case letters, digits, `-`, `_`, `.` and `:` so that they are safe in URLs, file names (with `:` replaced) and
 * CouchDB document ids (which must not begin with an underscore).
 */
export const idSchema = z.string().regex(/^[a-z0-9][a-z0-9_.:-]{0,119}$/)

/** SHA-256 as 64 lower-case hex digits: the name of every file. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/)

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** A new id such as `job-3k9q…`: 20 base-32 letters (100 bits) from the given random bytes (≥ 20). */
export function makeId(prefix: string, randomBytes: Uint8Array): string {
  if (randomBytes.length < 20) throw new RangeError('an id needs 20 random bytes')
  let letters = ''
  for (const byte of randomBytes.subarray(0, 20)) letters += alphabet[byte & 31]
  return `${prefix}-${letters}`
}

/** Ids are lower case, the kind `selfRender` is not. */
export const earningId = (taskId: string, kind: string): string => `${taskId}:${kind.toLowerCase()}`
export const rollupId = (who: string, day: string): string => `${who}:${day}`
