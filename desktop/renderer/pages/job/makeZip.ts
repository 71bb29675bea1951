export interface ZipEntry {
  /** A plain file name; pictures of one job lie side by side. */
  name: string
  bytes: Uint8Array<ArrayBuffer>
}

const localHeaderBytes = 30
const centralHeaderBytes = 46
const endBytes = 22
const utf8Names = 0x0800
const version = 20
/** 1980-01-01: pictures carry no time of their own here. */
const date = 0x21

/** Files that are compressed already, put into one: a zip without compression (PKWARE APPNOTE 6.3). Up to 65,535 files and 4 GiB. */
export function makeZip(entries: readonly ZipEntry[]): Blob {
  const parts: BlobPart[] = []
  const central: BlobPart[] = []
  let offset = 0
  let centralSize = 0
  for (const { name, bytes } of entries) {
    const nameBytes = new TextEncoder().encode(name)
    const crc = crc32(bytes)
    const local = new DataView(new ArrayBuffer(localHeaderBytes))
    local.setUint32(0, 0x04034b50, true)
    local.setUint16(4, version, true)
    writeFacts(local, 6, crc, bytes.length, nameBytes.length)
    const record = new DataView(new ArrayBuffer(centralHeaderBytes))
    record.setUint32(0, 0x02014b50, true)
    record.setUint16(4, version, true)
    record.setUint16(6, version, true)
    writeFacts(record, 8, crc, bytes.length, nameBytes.length)
    record.setUint32(42, offset, true)
    parts.push(local.buffer, nameBytes, bytes)
    central.push(record.buffer, nameBytes)
    offset += localHeaderBytes + nameBytes.length + bytes.length
    centralSize += centralHeaderBytes + nameBytes.length
  }
  const end = new DataView(new ArrayBuffer(endBytes))
  end.setUint32(0, 0x06054b50, true)
  end.setUint16(8, entries.length, true)
  end.setUint16(10, entries.length, true)
  end.setUint32(12, centralSize, true)
  end.setUint32(16, offset, true)
  return new Blob([...parts, ...central, end.buffer], { type: 'application/zip' })
}

/** What both headers say of a file, in the same order: flags, stored as it is, time, checksum, sizes, length of the name. */
function writeFacts(view: DataView, at: number, crc: number, size: number, nameLength: number): void {
  view.setUint16(at, utf8Names, true)
  view.setUint16(at + 2, 0, true)
  view.setUint16(at + 4, 0, true)
  view.setUint16(at + 6, date, true)
  view.setUint32(at + 8, crc, true)
  view.setUint32(at + 12, size, true)
  view.setUint32(at + 16, size, true)
  view.setUint16(at + 20, nameLength, true)
}

const table = Uint32Array.from({ length: 256 }, (_, value) => {
  let crc = value
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1
  return crc >>> 0
})

/** The checksum of zip files (CRC-32, IEEE 802.3). */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}
