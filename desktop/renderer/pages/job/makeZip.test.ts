import { describe, expect, it } from 'vitest'
import { crc32, makeZip } from './makeZip.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('crc32', () => {
  it('is the one of the standard', () => {
    expect(crc32(bytes('123456789'))).toBe(0xcbf43926)
    expect(crc32(bytes(''))).toBe(0)
  })
})

describe('makeZip', () => {
  it('says where each file lies, and the files lie there', async () => {
    const files = [
      { name: '0001.png', bytes: bytes('first picture') },
      { name: 'mañana-0002.png', bytes: bytes('second') },
    ]
    const zip = new Uint8Array(await makeZip(files).arrayBuffer())
    const view = new DataView(zip.buffer)
    const end = zip.length - 22
    expect(view.getUint32(end, true)).toBe(0x06054b50)
    expect(view.getUint16(end + 10, true)).toBe(files.length)
    let at = view.getUint32(end + 16, true)
    for (const file of files) {
      expect(view.getUint32(at, true)).toBe(0x02014b50)
      const nameLength = view.getUint16(at + 28, true)
      expect(new TextDecoder().decode(zip.subarray(at + 46, at + 46 + nameLength))).toBe(file.name)
      const local = view.getUint32(at + 42, true)
      expect(view.getUint32(local, true)).toBe(0x04034b50)
      const begin = local + 30 + view.getUint16(local + 26, true)
      const found = zip.subarray(begin, begin + view.getUint32(local + 18, true))
      expect([...found]).toEqual([...file.bytes])
      expect(view.getUint32(local + 14, true)).toBe(crc32(found))
      at += 46 + nameLength
    }
    expect(at).toBe(end)
  })
})
