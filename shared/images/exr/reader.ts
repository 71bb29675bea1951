import { PixelDamage } from '../pixelDamage.ts'

/** Reads little-endian values one after the other; reading past the end is damage. */
export interface ByteReader {
  at: number
  readonly length: number
  u8(): number
  u16(): number
  i32(): number
  u32(): number
  /** 64 bits as a number; larger than 2^53 is damage. */
  u64(): number
  /** Text up to a zero byte, at most 255 characters. */
  text(): string
  bytes(length: number): Uint8Array
}

export function createReader(data: Uint8Array, start = 0): ByteReader {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const reader: ByteReader = {
    at: start,
    length: data.length,
    u8: () => view.getUint8(take(1)),
    u16: () => view.getUint16(take(2), true),
    i32: () => view.getInt32(take(4), true),
    u32: () => view.getUint32(take(4), true),
    u64: () => {
      const value = Number(view.getBigUint64(take(8), true))
      if (value > Number.MAX_SAFE_INTEGER) throw new PixelDamage('a length that cannot be')
      return value
    },
    text: () => {
      let text = ''
      for (let code = reader.u8(); code !== 0; code = reader.u8()) {
        text += String.fromCharCode(code)
        if (text.length > 255) throw new PixelDamage('a name without an end')
      }
      return text
    },
    bytes: (length) => data.subarray(take(length), reader.at),
  }
  const take = (count: number): number => {
    const at = reader.at
    if (count < 0 || at + count > data.length) throw new PixelDamage('the file ends too early')
    reader.at = at + count
    return at
  }
  return reader
}
