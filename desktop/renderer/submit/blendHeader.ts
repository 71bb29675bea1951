import { appError, type AppError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'

/** Enough of a file to find the header in, also behind a compressor's own. */
export const headerBytes = 256 * 1024

const magic = 'BLENDER'

/**
 * Reads which Blender saved a scene from its first bytes: plain, gzip (up to 2.93) and zstd (from 3.0). Old header: `BLENDER-v402`; from
 * Blender 5: `BLENDER17-01v0500`.
 * @returns `major.minor`, or SCENE_NOT_BLEND
 */
export async function readBlendVersion(name: string, start: Uint8Array): Promise<Result<string>> {
  const plain = await expand(start)
  const text = String.fromCharCode(...(plain ?? new Uint8Array()).subarray(0, 20))
  const notBlend: AppError = appError('SCENE_NOT_BLEND', { name })
  if (!text.startsWith(magic)) return err(notBlend)
  const old = /^BLENDER[-_][vV](\d)(\d\d)/.exec(text)
  if (old) return ok(`${Number(old[1])}.${Number(old[2])}`)
  const large = /^BLENDER\d\d-\d\d[vV](\d\d)(\d\d)/.exec(text)
  return large ? ok(`${Number(large[1])}.${Number(large[2])}`) : err(notBlend)
}

async function expand(start: Uint8Array): Promise<Uint8Array | null> {
  if (start[0] === 0x1f && start[1] === 0x8b) return firstOfGzip(start)
  if (start[0] === 0x28 && start[1] === 0xb5 && start[2] === 0x2f && start[3] === 0xfd) return firstOfZstd(start)
  return start
}

/** The file is cut off here on purpose, so the end of the stream is an error that does not matter once bytes have come. */
async function firstOfGzip(start: Uint8Array): Promise<Uint8Array | null> {
  const reader = new Blob([start as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip')).getReader()
  try {
    return (await reader.read()).value ?? null
  } catch {
    return null
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

async function firstOfZstd(start: Uint8Array): Promise<Uint8Array | null> {
  const { Decompress } = await import('fzstd')
  const found: { bytes: Uint8Array | null } = { bytes: null }
  const stream = new Decompress((chunk) => {
    if (chunk.length > 0) found.bytes ??= chunk.slice(0, 64)
  })
  try {
    stream.push(start, false)
  } catch {
    // A block that is cut off ends the stream early; what came before it is enough.
  }
  return found.bytes
}
