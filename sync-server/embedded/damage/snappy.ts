/** Snappy's raw format, unpacked: enough to read the index of a table. Throws RangeError where it is damaged. See google/snappy format_description.txt. */
export function unsnap(bytes: Buffer): Buffer {
  let at = 0
  const byte = (): number => {
    const next = bytes[at]
    if (next === undefined) throw new RangeError('ends too early')
    at += 1
    return next
  }
  const little = (count: number): number => {
    let value = 0
    for (let index = 0; index < count; index += 1) value += byte() * 2 ** (8 * index)
    return value
  }
  const { value: length, next } = varint(bytes, 0)
  at = next
  if (length > largestBytes) throw new RangeError('too long')
  const out = Buffer.alloc(length)
  let to = 0
  while (at < bytes.length) {
    const tag = byte()
    const kind = tag & 3
    if (kind === 0) {
      const short = tag >> 2
      const count = (short < 60 ? short : little(short - 59)) + 1
      if (at + count > bytes.length || to + count > length) throw new RangeError('a literal is too long')
      bytes.copy(out, to, at, at + count)
      at += count
      to += count
      continue
    }
    const count = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const back = kind === 1 ? ((tag >> 5) << 8) + byte() : little(kind === 2 ? 2 : 4)
    if (back === 0 || back > to || to + count > length) throw new RangeError('a copy reaches too far')
    // Byte by byte: it may overlap with what it writes.
    for (let index = 0; index < count; index += 1, to += 1) out[to] = out[to - back] ?? 0
  }
  if (to !== length) throw new RangeError('ends too early')
  return out
}

const largestBytes = 64 * 1024 * 1024

/** A number in groups of seven bits, the lowest first, and where it ends. */
export function varint(bytes: Buffer, from: number): { value: number; next: number } {
  let value = 0
  for (let index = 0; index < 8; index += 1) {
    const byte = bytes[from + index]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, next: from + index + 1 }
  }
  throw new RangeError('no number')
}
