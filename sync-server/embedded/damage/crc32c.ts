const polynomial = 0x82f63b78
const lanes = 8
/** Eight tables, so that eight bytes are taken at once: this reads the whole store at a start. Signed numbers stay small integers in V8. */
const tables = makeTables()

function makeTables(): Int32Array {
  const made = new Int32Array(lanes * 256)
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    made[byte] = crc
  }
  for (let at = 256; at < made.length; at += 1) {
    const before = made[at - 256] ?? 0
    made[at] = (made[before & 0xff] ?? 0) ^ (before >>> 8)
  }
  return made
}

/** CRC-32C (Castagnoli), which zlib does not have. */
export function crc32c(bytes: Uint8Array): number {
  // Safe: every index is in range.
  const of = (lane: number, byte: number) => tables[lane * 256 + (byte & 0xff)] as number
  const byteAt = (at: number) => bytes[at] as number
  let crc = -1
  let at = 0
  for (; at + lanes <= bytes.length; at += lanes) {
    const low = crc ^ (byteAt(at) | (byteAt(at + 1) << 8) | (byteAt(at + 2) << 16) | (byteAt(at + 3) << 24))
    crc =
      of(7, low) ^
      of(6, low >>> 8) ^
      of(5, low >>> 16) ^
      of(4, low >>> 24) ^
      of(3, byteAt(at + 4)) ^
      of(2, byteAt(at + 5)) ^
      of(1, byteAt(at + 6)) ^
      of(0, byteAt(at + 7))
  }
  for (; at < bytes.length; at += 1) crc = of(0, crc ^ byteAt(at)) ^ (crc >>> 8)
  return ~crc >>> 0
}

/** As LevelDB writes it: turned and moved, because a checksum of data that holds checksums says little. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
