import { expect, it } from 'vitest'
import { whyNobodyFits } from './fit.ts'

const blender = { kind: 'blender', version: '3.4.1', engines: ['CYCLES'], devices: ['CPU'], denoisers: [] as string[] }
const nodes = [{ software: [blender] }]
const job = (info: object) => ({ kind: 'blender' as const, info: { blenderVersion: '3.4', ...info }, settings: {} })

it.each([
  ['what a node has', {}, null],
  ['a newer scene', { blenderVersion: '9.99' }, 'SCENE_NEWER_THAN_BLENDER'],
  ['an engine nobody has', { engine: 'LUXCORE' }, 'SCENE_ENGINE_UNKNOWN'],
  ['a denoiser nobody has', { engine: 'CYCLES', wantsDenoiser: 'OPENIMAGEDENOISE' }, 'SCENE_NEEDS_DENOISER'],
  ['no denoiser', { wantsDenoiser: null }, null],
])('%s: says why nobody fits', (_what, info, code) => {
  expect(whyNobodyFits(job(info), nodes)?.code ?? null).toBe(code)
})

it('one node that can is enough, and nothing is said before a node has said what it has', () => {
  const wanted = job({ wantsDenoiser: 'OPENIMAGEDENOISE' })
  expect(whyNobodyFits(wanted, [...nodes, { software: [{ ...blender, denoisers: ['OPENIMAGEDENOISE'] }] }])).toBeNull()
  expect(whyNobodyFits(wanted, [])).toBeNull()
  expect(whyNobodyFits(wanted, [{ software: [] }])).toBeNull()
})

it('upscaling needs an upscaler with the network of its scale', () => {
  const wanted = { kind: 'upscale' as const, info: { blenderVersion: '' }, settings: { scale: 4 as const } }
  const upscaler = { kind: 'upscale', version: '1.30.0', engines: ['ESRGAN_MEDIUM_4X'], devices: ['CPU'], denoisers: [] }
  expect(whyNobodyFits(wanted, nodes)?.code).toBe('UPSCALER_MISSING')
  expect(whyNobodyFits(wanted, [{ software: [blender, upscaler] }])).toBeNull()
  expect(whyNobodyFits(job({}), [{ software: [upscaler] }])).toBeNull()
})
