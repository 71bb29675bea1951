import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable, Transform } from 'node:stream'
import { promisify } from 'node:util'
import { createGunzip, zstdDecompress } from 'node:zlib'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { unpackZstdFrames, ZstdCutError, zstdFrameLimitBytes } from '#shared/scenes/zstdFrames.ts'

export interface SceneFile {
  /** `major.minor` of the Blender that saved it. */
  version: string
}

/**
 * Looks at an uploaded scene before anybody is asked to render it: is it a .blend (plain, gzip or zstd), which Blender saved it, and is it
 * all there: every block is walked to the end mark, since a cut file opens in Blender with parts of the scene missing.
 * Errors: SCENE_NOT_BLEND, SCENE_TRUNCATED {name}.
 */
export async function checkSceneFile(path: string, name: string): Promise<Result<SceneFile>> {
  const stream = await openScene(path)
  if (!stream) return err(appError('SCENE_NOT_BLEND', { name }))
  const walker = createBlockWalker()
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      walker.push(piece)
      if (walker.state() === 'notBlend' || walker.state() === 'ended') break
    }
  } catch (thrown) {
    // Damaged gzip: what was cut off cannot be told from what was changed.
    return err(appError(walker.version() === null && !(thrown instanceof ZstdCutError) ? 'SCENE_NOT_BLEND' : 'SCENE_TRUNCATED', { name }))
  } finally {
    stream.destroy()
  }
  const version = walker.version()
  if (walker.state() === 'ended' && version !== null) return ok({ version })
  return err(appError(walker.state() === 'notBlend' ? 'SCENE_NOT_BLEND' : 'SCENE_TRUNCATED', { name }))
}

const unpackAll = promisify(zstdDecompress)
const unpackFrame = (frame: Uint8Array) => unpackAll(frame, { maxOutputLength: zstdFrameLimitBytes })

async function openScene(path: string): Promise<Readable | null> {
  const file = await open(path, 'r')
  const start = Buffer.alloc(7)
  const { bytesRead } = await file.read(start, 0, 7, 0).finally(() => file.close())
  const isPlain = start.toString('latin1', 0, bytesRead) === 'BLENDER'
  const isGzip = start[0] === 0x1f && start[1] === 0x8b
  const isZstd = bytesRead >= 4 && start.readUInt32LE(0) === 0xfd2fb528
  if (!isPlain && !isGzip && !isZstd) return null
  const bytes = createReadStream(path, { highWaterMark: 1024 * 1024 })
  if (isPlain) return bytes
  const unpack = isGzip ? createGunzip() : Readable.from(unpackZstdFrames(bytes as AsyncIterable<Buffer>, unpackFrame))
  bytes.on('error', (error) => unpack.destroy(error))
  unpack.on('close', () => bytes.destroy())
  return unpack instanceof Transform ? bytes.pipe(unpack) : unpack
}

interface Layout {
  version: string
  headerBytes: number
  blockHeaderBytes: number
  lengthOf(header: Buffer): number
}

/** Follows the blocks of a .blend as its bytes come: header, then blocks of (code, length, …) until the block ENDB. */
function createBlockWalker() {
  let layout: Layout | null = null
  let state: 'header' | 'blocks' | 'ended' | 'notBlend' = 'header'
  let skip = 0
  let held: Buffer = Buffer.alloc(0)

  function step(): boolean {
    if (skip > 0) {
      const taken = Math.min(skip, held.length)
      held = held.subarray(taken)
      skip -= taken
      return skip === 0 && held.length > 0
    }
    if (layout === null) {
      if (held.length < 17) return false
      layout = layoutOf(held)
      if (layout === null) {
        state = 'notBlend'
        return false
      }
      state = 'blocks'
      held = held.subarray(layout.headerBytes)
      return true
    }
    if (held.length >= 4 && held.toString('latin1', 0, 4) === 'ENDB') {
      state = 'ended'
      return false
    }
    if (held.length < layout.blockHeaderBytes) return false
    skip = layout.lengthOf(held)
    held = held.subarray(layout.blockHeaderBytes)
    if (skip < 0) state = 'notBlend'
    return skip >= 0
  }

  return {
    push(piece: Buffer) {
      held = held.length === 0 ? piece : Buffer.concat([held, piece])
      while (state !== 'ended' && state !== 'notBlend' && step());
    },
    state: () => state,
    version: () => layout?.version ?? null,
  }
}

/**
 * Up to 4.x 12 bytes such as `BLENDER-v304`: `_` 32 or `-` 64 bit pointers, `v` little or `V` big endian; blocks of code, int32 length,
 * pointer, two int32. Since 5.0 17 bytes such as `BLENDER17-01v0500`; blocks of code, int32, pointer, int64 length, int64.
 */
function layoutOf(bytes: Buffer): Layout | null {
  const text = bytes.toString('latin1', 0, 17)
  const old = /^BLENDER([_-])([vV])(\d)(\d\d)/.exec(text)
  if (old) {
    const little = old[2] === 'v'
    return {
      version: `${Number(old[3])}.${Number(old[4])}`,
      headerBytes: 12,
      blockHeaderBytes: old[1] === '_' ? 20 : 24,
      lengthOf: (header) => (little ? header.readInt32LE(4) : header.readInt32BE(4)),
    }
  }
  const since5 = /^BLENDER(\d\d)-(\d\d)v(\d\d)(\d\d)/.exec(text)
  if (!since5) return null
  return {
    version: `${Number(since5[3])}.${Number(since5[4])}`,
    headerBytes: Number(since5[1]),
    blockHeaderBytes: 32,
    lengthOf: (header) => Number(header.readBigInt64LE(16)),
  }
}
