/** `whole`: send everything; `part`: from..to inclusive; `none`: 416. */
export type ByteRange = { kind: 'whole' } | { kind: 'part'; from: number; to: number } | { kind: 'none' }

/**
 * Reads a `Range` header for a file of that size. Several ranges, or what cannot be read, mean the whole file, as RFC 9110 allows.
 * With `If-Range` the part is only sent when that names the very same contents.
 */
export function byteRange(header: string | undefined, ifRange: string | undefined, etag: string, sizeBytes: number): ByteRange {
  const match = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header?.trim() ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return { kind: 'whole' }
  if (ifRange !== undefined && ifRange.trim() !== etag) return { kind: 'whole' }
  const suffix = match[1] === ''
  const from = suffix ? Math.max(0, sizeBytes - Number(match[2])) : Number(match[1])
  const to = suffix || match[2] === '' ? sizeBytes - 1 : Math.min(Number(match[2]), sizeBytes - 1)
  if (from >= sizeBytes || (!suffix && match[2] !== '' && Number(match[2]) < from) || (suffix && Number(match[2]) === 0))
    return { kind: 'none' }
  return { kind: 'part', from, to }
}
