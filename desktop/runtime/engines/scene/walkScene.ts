import { basename } from 'node:path'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { blendBytes } from './blendStream.ts'
import { fileError, readSceneHeader, type SceneHeader } from './sceneHeader.ts'

/**
 * Walks a scene from block to block up to its end mark, in pieces, so that a scene of any size costs little memory.
 * Errors: as `readSceneHeader`, and SCENE_TRUNCATED when it ends before its end mark or a block reaches over the end.
 */
export async function walkScene(path: string): Promise<Result<SceneHeader & { blocks: number }>> {
  const header = await readSceneHeader(path)
  if (!header.ok) return header
  const walker = createWalker(header.value)
  const stream = blendBytes(path, header.value.compression)
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      walker.push(piece)
      if (walker.ended()) return ok({ ...header.value, blocks: walker.blocks() })
    }
  } catch (error) {
    // zlib and zstd say "unexpected end of file" or find damage; a file that cannot be read says EIO and the like.
    if (error instanceof Error && 'syscall' in error) return err(fileError(error, path))
  } finally {
    stream.destroy()
  }
  return err(appError('SCENE_TRUNCATED', { name: basename(path) }))
}

function createWalker({ headerBytes, fileFormat, pointerBytes, littleEndian }: SceneHeader) {
  // Up to 4.x: code 4, length 4, old address, SDNA index 4, count 4. Since 5.0: code 4, SDNA 4, old address 8, length 8, count 8.
  const blockHeaderBytes = fileFormat === 1 ? 32 : 16 + pointerBytes
  let skip = headerBytes
  let kept = Buffer.alloc(0)
  let ended = false
  let blocks = 0

  const lengthOf = (block: Buffer): number => {
    if (fileFormat === 1) return Number(block.readBigInt64LE(16))
    return littleEndian ? block.readInt32LE(4) : block.readInt32BE(4)
  }
  const push = (piece: Buffer): void => {
    let at = Math.min(skip, piece.length)
    skip -= at
    while (at < piece.length && !ended) {
      const take = Math.min(blockHeaderBytes - kept.length, piece.length - at)
      kept = Buffer.concat([kept, piece.subarray(at, at + take)])
      at += take
      if (kept.toString('latin1', 0, 4) === 'ENDB') ended = true
      if (kept.length < blockHeaderBytes) break
      const length = lengthOf(kept)
      blocks += 1
      kept = Buffer.alloc(0)
      if (length < 0) return fail()
      const inPiece = Math.min(length, piece.length - at)
      skip = length - inPiece
      at += inPiece
    }
  }
  /** A length that cannot be: the rest is skipped, and the end mark never found. */
  const fail = (): void => void (skip = Number.MAX_SAFE_INTEGER)
  return { push, ended: () => ended, blocks: () => blocks }
}
