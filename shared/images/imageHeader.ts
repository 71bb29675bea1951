import { appError, type AppError } from '../errors/appError.ts'
import { err, ok, type Result } from '../result.ts'

/** What the first bytes of a picture say. */
export interface ImageHeader {
  kind: 'PNG' | 'JPEG' | 'WEBP'
  /** In pixels, as it is shown: turned where a JPEG says so. */
  width: number
  height: number
}

/** Enough of a file to find its size in, also behind colour profiles and previews. */
export const imageHeaderBytes = 1024 * 1024

/**
 * Reads kind and size of a picture that can be upscaled: PNG, JPEG or WebP, 8 bits a channel, one picture. Nothing is decoded, so a bomb costs
 * nothing. Pure. Errors: IMAGE_NOT_SUPPORTED {name, reason}.
 */
export function readImageHeader(name: string, start: Uint8Array): Result<ImageHeader> {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength)
  const text = (from: number, length: number) => String.fromCharCode(...start.subarray(from, from + length))
  try {
    if (text(0, 8) === '\x89PNG\r\n\x1a\n') return checked(name, readPng(view, text))
    if (view.getUint16(0) === 0xffd8) return checked(name, readJpeg(view, text))
    if (text(0, 4) === 'RIFF' && text(8, 4) === 'WEBP') return checked(name, readWebp(view, text))
  } catch (thrown) {
    // Reading beyond the end: the file is shorter than its own header.
    if (!(thrown instanceof RangeError)) throw thrown
    return err(unsupported(name, 'cut off'))
  }
  return err(unsupported(name, 'not PNG, JPEG, WebP'))
}

type Found = ImageHeader | { reason: string }

function checked(name: string, found: Found): Result<ImageHeader> {
  if ('reason' in found) return err(unsupported(name, found.reason))
  return found.width > 0 && found.height > 0 ? ok(found) : err(unsupported(name, '0 × 0'))
}

const unsupported = (name: string, reason: string): AppError => appError('IMAGE_NOT_SUPPORTED', { name, reason })

/** https://www.w3.org/TR/png-3/ */
function readPng(view: DataView, text: (from: number, length: number) => string): Found {
  if (text(12, 4) !== 'IHDR') return { reason: 'no IHDR' }
  const bits = view.getUint8(24)
  if (bits > 8) return { reason: `${bits} bit` }
  for (let at = 8; at + 8 <= view.byteLength; at += 12 + view.getUint32(at)) {
    if (text(at + 4, 4) === 'acTL') return { reason: 'animated' }
    if (text(at + 4, 4) === 'IDAT') break
  }
  return { kind: 'PNG', width: view.getUint32(16), height: view.getUint32(20) }
}

/** https://www.w3.org/Graphics/JPEG/itu-t81.pdf: segments up to the first frame header; the orientation stands in Exif before it. */
function readJpeg(view: DataView, text: (from: number, length: number) => string): Found {
  let turned = false
  for (let at = 2; ;) {
    if (view.getUint8(at) !== 0xff) return { reason: 'damaged' }
    const marker = view.getUint8(at + 1)
    if (marker === 0xff) {
      at += 1
      continue
    }
    const length = view.getUint16(at + 2)
    if (marker === 0xe1 && text(at + 4, 4) === 'Exif') turned = orientationIn(view, at + 10, at + 2 + length) >= 5
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) {
      const bits = view.getUint8(at + 4)
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)]
      if (bits !== 8) return { reason: `${bits} bit` }
      if (![1, 3].includes(view.getUint8(at + 9))) return { reason: 'CMYK' }
      return { kind: 'JPEG', width: turned ? height : width, height: turned ? width : height }
    }
    if (length < 2 || marker === 0xd9 || marker === 0xda) return { reason: 'damaged' }
    at += 2 + length
  }
}

/** The Orientation tag (0x0112) of the first TIFF directory inside Exif; 1 when there is none. */
function orientationIn(view: DataView, tiff: number, end: number): number {
  const little = view.getUint16(tiff) === 0x4949
  const directory = tiff + view.getUint32(tiff + 4, little)
  if (directory + 2 > end) return 1
  const count = view.getUint16(directory, little)
  for (let index = 0; index < count; index += 1) {
    const entry = directory + 2 + index * 12
    if (entry + 12 > end) return 1
    if (view.getUint16(entry, little) === 0x0112) return view.getUint16(entry + 8, little)
  }
  return 1
}

/** https://developers.google.com/speed/webp/docs/riff_container */
function readWebp(view: DataView, text: (from: number, length: number) => string): Found {
  const kind = text(12, 4)
  const three = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 65_536
  if (kind === 'VP8X') {
    if ((view.getUint8(20) & 0x02) !== 0) return { reason: 'animated' }
    return { kind: 'WEBP', width: three(24) + 1, height: three(27) + 1 }
  }
  if (kind === 'VP8L') {
    const bits = view.getUint32(21, true)
    return { kind: 'WEBP', width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
  }
  if (kind === 'VP8 ') return { kind: 'WEBP', width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
  return { reason: 'damaged' }
}
