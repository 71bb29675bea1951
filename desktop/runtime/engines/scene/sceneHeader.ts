import { basename } from 'node:path'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { blendStart, compressionOf, type BlendCompression } from './blendStream.ts'

export interface SceneHeader {
  /** e.g. "3.4", "2.83", "5.0": what last saved the scene. */
  version: string
  compression: BlendCompression
  pointerBytes: 4 | 8
  littleEndian: boolean
  /** Length of the header itself; the blocks follow. */
  headerBytes: number
  /** 0: blocks of Blender up to 4.x; 1: large blocks since 5.0. */
  fileFormat: 0 | 1
}

const startBytes = 64 * 1024
const headerLimit = 64

/**
 * Reads which Blender saved a scene, from the first bytes only.
 * Errors: SCENE_NOT_FOUND, SCENE_NOT_BLEND, SCENE_TRUNCATED (too short for its header).
 */
export async function readSceneHeader(path: string): Promise<Result<SceneHeader>> {
  try {
    const compression = await compressionOf(path)
    const name = basename(path)
    if (compression === undefined) return err(appError('SCENE_NOT_BLEND', { name }))
    const { bytes: start, damaged } = await firstBytes(path, compression)
    const header = parseHeader(start)
    if (header) return ok({ ...header, compression })
    const cut = !damaged && start.length < 17 && 'BLENDER'.startsWith(start.toString('latin1', 0, 7))
    return err(appError(cut ? 'SCENE_TRUNCATED' : 'SCENE_NOT_BLEND', { name }))
  } catch (error) {
    return err(fileError(error, path))
  }
}

export function fileError(error: unknown, path: string) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return appError('SCENE_NOT_FOUND', { path })
  return appError('SCENE_UNREADABLE', { reason: error instanceof Error ? error.message : String(error) })
}

async function firstBytes(path: string, compression: BlendCompression): Promise<{ bytes: Buffer; damaged: boolean }> {
  const stream = blendStart(path, compression, startBytes)
  const pieces: Buffer[] = []
  let length = 0
  let damaged = false
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      pieces.push(piece)
      length += piece.length
      if (length >= headerLimit) break
    }
  } catch (error) {
    // The beginning of a compressed file is no whole compressed file; what came out so far is what we wanted.
    if (error instanceof Error && 'syscall' in error) throw error
    // Data that was cut says "unexpected end"; this is data that never was packed.
    damaged = error instanceof Error && 'code' in error && /DATA_ERROR|prefix_unknown|corruption/i.test(String(error.code))
  } finally {
    stream.destroy()
  }
  return { bytes: Buffer.concat(pieces).subarray(0, headerLimit), damaged }
}

/**
 * Up to 4.x: `BLENDER` `_` (32) or `-` (64 bit pointers), `v` (little endian) or `V`, three digits: 12 bytes, e.g. BLENDER-v304.
 * Since 5.0: `BLENDER` two digits of header size, `-`, two digits of format, `v`, four digits, e.g. BLENDER17-01v0500.
 */
export function parseHeader(bytes: Buffer): Omit<SceneHeader, 'compression'> | undefined {
  const text = bytes.toString('latin1', 0, 17)
  const old = /^BLENDER([_-])([vV])(\d)(\d\d)/.exec(text)
  if (old) {
    const [, pointers, endian, major, minor] = old
    const version = `${Number(major)}.${Number(minor)}`
    return { version, pointerBytes: pointers === '_' ? 4 : 8, littleEndian: endian === 'v', headerBytes: 12, fileFormat: 0 }
  }
  const since5 = /^BLENDER(\d\d)-(\d\d)v(\d\d)(\d\d)/.exec(text)
  if (since5) {
    const [, size, , major, minor] = since5
    const version = `${Number(major)}.${Number(minor)}`
    return { version, pointerBytes: 8, littleEndian: true, headerBytes: Number(size), fileFormat: 1 }
  }
  return undefined
}
