import { PixelDamage, UnknownPicture } from '../pixelDamage.ts'
import { createReader, type ByteReader } from './reader.ts'

type ExrCompression = 'none' | 'rle' | 'zips' | 'zip' | 'piz' | 'pxr24' | 'b44' | 'b44a' | 'dwaa' | 'dwab'
const compressions: readonly ExrCompression[] = ['none', 'rle', 'zips', 'zip', 'piz', 'pxr24', 'b44', 'b44a', 'dwaa', 'dwab']
const linesPerChunk: Record<ExrCompression, number> = {
  none: 1,
  rle: 1,
  zips: 1,
  zip: 16,
  piz: 32,
  pxr24: 16,
  b44: 32,
  b44a: 32,
  dwaa: 32,
  dwab: 256,
}

export interface ExrChannel {
  name: string
  kind: 'uint' | 'half' | 'float'
  bytes: 2 | 4
  xSampling: number
  ySampling: number
}

export interface ExrPart {
  channels: ExrChannel[]
  compression: ExrCompression
  /** Of the pixels that are stored. */
  x: number
  y: number
  width: number
  height: number
  tile?: { width: number; height: number }
  linesPerChunk: number
  chunkCount: number
}

export interface ExrHeader {
  parts: ExrPart[]
  multipart: boolean
  multilayer: boolean
  /** Of the whole picture. */
  width: number
  height: number
  /** Where the tables of chunk offsets begin. */
  headerEnd: number
}

interface Box {
  x: number
  y: number
  width: number
  height: number
}
interface Attributes {
  channels?: ExrChannel[]
  compression?: number
  dataWindow?: Box
  displayWindow?: Box
  tiles?: { width: number; height: number; mode: number }
  type?: string
}

/**
 * Reads the header of an OpenEXR file (https://openexr.com/en/latest/OpenEXRFileLayout.html), single or multi part.
 * Throws PixelDamage for damage, UnknownPicture for deep, mip-mapped and future files.
 */
export function readExrHeader(bytes: Uint8Array): ExrHeader {
  const reader = createReader(bytes, 4)
  const flags = reader.u32()
  if ((flags & 0xff) !== 2 || (flags & 0x800) !== 0) throw new UnknownPicture('a kind of OpenEXR that we do not read')
  const multipart = (flags & 0x1000) !== 0
  const parts: ExrPart[] = []
  let display: Box | undefined
  do {
    const attributes = readAttributes(reader)
    display ??= attributes.displayWindow
    parts.push(partOf(attributes, (flags & 0x200) !== 0))
    if (parts.length > 1_000) throw new PixelDamage('too many parts')
  } while (multipart && bytes[reader.at] !== 0)
  if (multipart) reader.u8()
  const first = parts[0]
  if (!first || !display) throw new PixelDamage('no display window')
  // A picture that stores less than it shows would hide pixels that nobody rendered.
  if (parts.some((part) => part.width < display.width || part.height < display.height)) throw new PixelDamage('pixels are missing')
  const multilayer = parts.length > 1 || parts.some((part) => part.channels.some((channel) => channel.name.includes('.')))
  return { parts, multipart, multilayer, width: display.width, height: display.height, headerEnd: reader.at }
}

function readAttributes(reader: ByteReader): Attributes {
  const found: Attributes = {}
  for (let name = reader.text(); name !== ''; name = reader.text()) {
    const type = reader.text()
    const size = reader.u32()
    const value = createReader(reader.bytes(size))
    if (name === 'channels' && type === 'chlist') found.channels = readChannels(value)
    else if (name === 'compression' && type === 'compression') found.compression = value.u8()
    else if (name === 'dataWindow' && type === 'box2i') found.dataWindow = readBox(value)
    else if (name === 'displayWindow' && type === 'box2i') found.displayWindow = readBox(value)
    else if (name === 'tiles' && type === 'tiledesc') found.tiles = { width: value.u32(), height: value.u32(), mode: value.u8() }
    else if (name === 'type' && type === 'string') found.type = String.fromCharCode(...value.bytes(Math.min(size, 64)))
  }
  return found
}

function readBox(value: ByteReader): Box {
  const [x, y, right, bottom] = [value.i32(), value.i32(), value.i32(), value.i32()]
  if (right < x || bottom < y) throw new PixelDamage('an empty window')
  return { x, y, width: right - x + 1, height: bottom - y + 1 }
}

function readChannels(value: ByteReader): ExrChannel[] {
  const channels: ExrChannel[] = []
  for (let name = value.text(); name !== ''; name = value.text()) {
    const kind = (['uint', 'half', 'float'] as const)[value.u32()]
    if (kind === undefined) throw new PixelDamage('an unknown kind of pixel')
    value.u32()
    const [xSampling, ySampling] = [value.i32(), value.i32()]
    if (xSampling < 1 || ySampling < 1) throw new PixelDamage('a sampling that cannot be')
    channels.push({ name, kind, bytes: kind === 'half' ? 2 : 4, xSampling, ySampling })
  }
  return channels
}

function partOf({ channels, compression, dataWindow, tiles, type }: Attributes, singleTiled: boolean): ExrPart {
  const method = compressions[compression ?? -1]
  if (method === undefined) throw new UnknownPicture(`OpenEXR compression ${compression ?? '?'} is not known here`)
  if (type?.startsWith('deep')) throw new UnknownPicture('deep pictures are not read')
  if (!channels || channels.length === 0 || !dataWindow) throw new PixelDamage('an incomplete header')
  const common = { channels, compression: method, ...dataWindow, linesPerChunk: linesPerChunk[method] }
  if (!singleTiled && type !== 'tiledimage') return { ...common, chunkCount: Math.ceil(dataWindow.height / common.linesPerChunk) }
  if (!tiles || tiles.width < 1 || tiles.height < 1 || (tiles.mode & 0xf) !== 0) throw new UnknownPicture('tiles with levels are not read')
  const chunkCount = Math.ceil(dataWindow.width / tiles.width) * Math.ceil(dataWindow.height / tiles.height)
  return { ...common, tile: { width: tiles.width, height: tiles.height }, chunkCount }
}
