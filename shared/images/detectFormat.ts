export type PictureKind = 'PNG' | 'JPEG' | 'TIFF' | 'EXR'

const magics: ReadonlyArray<{ kind: PictureKind; bytes: readonly number[] }> = [
  { kind: 'PNG', bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { kind: 'JPEG', bytes: [0xff, 0xd8, 0xff] },
  { kind: 'TIFF', bytes: [0x49, 0x49, 0x2a, 0x00] },
  { kind: 'TIFF', bytes: [0x4d, 0x4d, 0x00, 0x2a] },
  { kind: 'EXR', bytes: [0x76, 0x2f, 0x31, 0x01] },
]

/** Tells a picture by its first bytes; a file's name proves nothing. Undefined for what we do not take. */
export function detectFormat(bytes: Uint8Array): PictureKind | undefined {
  return magics.find((magic) => magic.bytes.every((byte, index) => bytes[index] === byte))?.kind
}
