import { maskedCrc32c } from './crc32c.ts'

/** Records never cross a block; each has checksum (4 bytes), length (2), kind (1). See LevelDB's doc/log_format.md. */
const blockBytes = 32_768
const headerBytes = 7
const lastKind = 4

/**
 * Is a log or manifest of LevelDB damaged inside? What ends in the middle of a record is what a power cut leaves of a write that nobody was told
 * of, and is fine; a broken record before a whole one is none of that. LevelDB itself passes over it in silence, and what it held is gone.
 */
export function isLogDamaged(bytes: Buffer): boolean {
  let broken = false
  for (let block = 0; block < bytes.length; block += blockBytes) {
    const end = Math.min(block + blockBytes, bytes.length)
    let at = block
    while (at + headerBytes <= end) {
      const next = endOfRecord(bytes, at, end)
      if (next === null) {
        // Zeros to the end of the block: room that was never written.
        if (isEmpty(bytes, at, end)) break
        broken = true
        at += 1
      } else {
        if (broken) return true
        at = next
      }
    }
  }
  return false
}

/** Where the whole record that begins here ends, or null: none does. */
function endOfRecord(bytes: Buffer, at: number, end: number): number | null {
  const kind = bytes[at + 6] ?? 0
  const stop = at + headerBytes + bytes.readUInt16LE(at + 4)
  if (kind === 0 || kind > lastKind || stop > end) return null
  return maskedCrc32c(bytes.subarray(at + 6, stop)) === bytes.readUInt32LE(at) ? stop : null
}

function isEmpty(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] !== 0) return false
  return true
}
