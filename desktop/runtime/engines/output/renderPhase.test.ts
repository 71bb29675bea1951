import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseLine } from './parseLine.ts'
import { renderPhase } from './renderPhase.ts'

const folder = new URL('./fixtures/', import.meta.url).pathname
const logs = readdirSync(folder).map((name) => {
  const lines = readFileSync(folder + name, 'utf8').split('\n')
  const stats = lines.map((line) => parseLine(line)).filter((line) => line.kind === 'stats')
  return { name, stats }
})

describe('renderPhase', () => {
  test.each([
    ['Sample 4/16', 'sampling'],
    ['Rendering 16 / 64 samples', 'sampling'],
    ['Rendered 1/4 Tiles, Sample 64/128', 'sampling'],
    ['Path Tracing Tile 37/135, Sample 800/800, Denoised 20 tiles', 'denoising'],
    ['Updating Geometry BVH Cube 1/3 | Building BVH', 'scene'],
    ['Loading render kernels (may take a few minutes the first time)', 'kernels'],
    ['Compositing | Tile 3-7', 'compositing'],
    ['Finished', 'saving'],
    ['Something of a later version', null],
    [undefined, null],
  ])('%s', (status, phase) => expect(renderPhase(status)).toBe(phase))

  test('every line that counts samples is sampling, in every recorded log', () => {
    const counting = logs.flatMap(({ stats }) =>
      stats.filter(({ sample, status }) => sample !== undefined && !/denois/i.test(status ?? '')),
    )
    expect(counting.length).toBeGreaterThan(60)
    for (const { status } of counting) expect([status, renderPhase(status)]).toEqual([status, 'sampling'])
  })
  test('most of what else is recorded is known', () => {
    const others = logs.flatMap(({ stats }) => stats.filter(({ status, sample }) => status !== undefined && sample === undefined))
    const unknown = others.filter(({ status }) => renderPhase(status) === null)
    expect(others.length).toBeGreaterThan(200)
    expect(unknown.length / others.length).toBeLessThan(0.05)
  })
})
