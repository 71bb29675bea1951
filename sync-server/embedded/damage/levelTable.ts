import { maskedCrc32c } from './crc32c.ts'
import { unsnap, varint } from './snappy.ts'

const footerBytes = 48
const magic = Buffer.from('57fb808b247547db', 'hex')
/** Behind each block: how it is packed (1 byte), checksum (4). */
const trailerBytes = 5

/** Is a table file of LevelDB damaged anywhere? Every block is checked, which LevelDB does not do when it reads one. See its doc/table_format.md. */
export function isTableDamaged(bytes: Buffer): boolean {
  try {
    if (bytes.length < footerBytes || !bytes.subarray(-8).equals(magic)) return true
    const meta = handleAt(bytes, bytes.length - footerBytes)
    const index = handleAt(bytes, meta.next)
    blockOf(bytes, meta)
    for (const handle of handlesIn(blockOf(bytes, index))) blockOf(bytes, handle)
    return false
  } catch (thrown) {
    if (thrown instanceof RangeError) return true
    throw thrown
  }
}

interface Handle {
  offset: number
  size: number
}

function handleAt(bytes: Buffer, from: number): Handle & { next: number } {
  const offset = varint(bytes, from)
  const size = varint(bytes, offset.next)
  return { offset: offset.value, size: size.value, next: size.next }
}

/** The block, unpacked. Throws RangeError when its checksum does not fit. */
function blockOf(bytes: Buffer, { offset, size }: Handle): Buffer {
  const end = offset + size
  if (end + trailerBytes > bytes.length) throw new RangeError('beyond the end')
  if (maskedCrc32c(bytes.subarray(offset, end + 1)) !== bytes.readUInt32LE(end + 1)) throw new RangeError('a checksum does not fit')
  const block = bytes.subarray(offset, end)
  return bytes[end] === 1 ? unsnap(block) : block
}

/** The values of an index block: each is the handle of a block of data. Keys are shared with the one before, and say nothing here. */
function* handlesIn(block: Buffer): Generator<Handle> {
  const restarts = block.readUInt32LE(block.length - 4)
  const end = block.length - 4 - 4 * restarts
  for (let at = 0; at < end;) {
    const shared = varint(block, at)
    const own = varint(block, shared.next)
    const length = varint(block, own.next)
    const value = length.next + own.value
    yield handleAt(block, value)
    at = value + length.value
  }
}
