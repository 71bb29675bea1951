/**
 * What the pure rules of this folder need from outside: real decoders. Runtime and gateway each bring a thin glue around the
 * same libraries; a decoder that meets damaged or missing data must reject, never fill in.
 */
export interface ImageDecoders {
  /** Header facts of a PNG, JPEG or TIFF without decoding its pixels. */
  describe(bytes: Uint8Array): Promise<RasterFacts>
  /** Decodes every pixel of a PNG, JPEG or TIFF and gives back how many there were. */
  decodeAll(bytes: Uint8Array): Promise<number>
  /** zlib data (RFC 1950), whole; rejects when it is damaged, cut, or longer than `limitBytes`. */
  inflate(bytes: Uint8Array, limitBytes: number): Promise<Uint8Array>
  /** Lets others have the thread between pieces of long work. Rejects when the time for this picture is over. */
  breathe(): Promise<void>
}

interface RasterFacts {
  width: number
  height: number
  channels: number
  bitDepth: number
}
