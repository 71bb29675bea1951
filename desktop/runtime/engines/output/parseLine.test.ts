import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLineSplitter } from './lineSplitter.ts'
import { parseLine, parseStats } from './parseLine.ts'

describe('parseLine', () => {
  test('2.8x to 4.x, Cycles', () => {
    const line =
      'Fra:12 Mem:1203.45M (Peak 2.50G) | Time:01:00:03.60 | Remaining:02:00.05 | Mem:1.42M, Peak:1.50M | Scene, ViewLayer | Sample 4/16'
    expect(parseLine(line)).toEqual({
      kind: 'stats',
      frame: 12,
      memMiB: 1203.45,
      peakMiB: 2560,
      elapsedMs: 3_603_600,
      remainingMs: 120_050,
      deviceMemMiB: 1.42,
      devicePeakMiB: 1.5,
      sample: 4,
      samples: 16,
      fraction: 0.25,
      status: 'Sample 4/16',
    })
  })

  test('5.x', () => {
    expect(parseLine('00:03.579  render           | Fra: 1 | Remaining: 00:10.41 | Mem: 1039M | Sample 64/256')).toEqual({
      kind: 'stats',
      frame: 1,
      memMiB: 1039,
      remainingMs: 10_410,
      sample: 64,
      samples: 256,
      fraction: 0.25,
      status: 'Sample 64/256',
    })
    expect(parseLine('00:00.110  render           | Rendering frame 7')).toEqual({ kind: 'frameStarted', frame: 7 })
    expect(parseLine('00:00.001  blend            | Read blend: "/data/scene.blend"')).toEqual({ kind: 'read', path: '/data/scene.blend' })
  })

  test('EEVEE counts differently', () => {
    expect(parseLine('Fra:-3 Mem:31.25M (0.00M, Peak 40.11M) | Time:00:01.80 | Rendering 16 / 64 samples')).toMatchObject({
      frame: -3,
      peakMiB: 40.11,
      fraction: 0.25,
    })
  })

  test('tiles: those done, and the one at work', () => {
    expect(parseStats('Mem: 306M | Rendered 1/4 Tiles, Sample 64/128').fraction).toBeCloseTo(1.5 / 4)
    expect(parseStats('Mem: 306M | Path Tracing Tile 1/16, Sample 10/10').fraction).toBeCloseTo(1 / 16)
    expect(parseStats('Mem: 306M | Path Tracing Tile 0/1, Sample 5/10').fraction).toBeCloseTo(0.5)
  })

  test('saved files with quotes, spaces and system paths', () => {
    expect(parseLine(`Saved: '/out/it's a shot_0012.exr'`)).toEqual({ kind: 'saved', path: `/out/it's a shot_0012.exr` })
    expect(parseLine(String.raw`00:04.094  render | Saved: 'C:\out\probe_0004.png'`)).toEqual({
      kind: 'saved',
      path: String.raw`C:\out\probe_0004.png`,
    })
    expect(parseLine('skipping existing frame "/tmp/f_0001.png"')).toEqual({ kind: 'skipped', path: '/tmp/f_0001.png' })
  })

  test('times with and without the leading space', () => {
    expect(parseLine(' Time: 00:00.20 (Saving: 00:00.12)')).toEqual({ kind: 'frameTime', elapsedMs: 200, savingMs: 120 })
    expect(parseLine('Time: 01:02:03.50 (Saving: 00:00.05)')).toEqual({ kind: 'frameTime', elapsedMs: 3_723_500, savingMs: 50 })
  })

  test('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => typeof parseLine(text).kind === 'string' && typeof parseLine(`Fra:1 ${text}`).kind === 'string'),
    )
  })
})

describe('createLineSplitter', () => {
  test('joins characters and line ends that were cut', () => {
    const splitter = createLineSplitter()
    const bytes = Buffer.from('ä\r\nb')
    expect(splitter.push(bytes.subarray(0, 1))).toEqual([])
    expect(splitter.push(bytes.subarray(1, 3))).toEqual([])
    expect(splitter.push(bytes.subarray(3))).toEqual(['ä'])
    expect(splitter.end()).toEqual(['b'])
  })

  test('a line without an end does not fill the memory', () => {
    const splitter = createLineSplitter()
    for (let count = 0; count < 100; count += 1) splitter.push(Buffer.alloc(65_536, 'x'))
    expect(splitter.end()[0]).toHaveLength(65_536)
  })
})
