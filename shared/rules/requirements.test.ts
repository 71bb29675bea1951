import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NodeDocument } from '../collections/node.schema.ts'
import { compareVersions } from './compareVersions.ts'
import { checkRequirements, homeRequirements, networkRequirements, type Check, type RequirementFacts } from './requirements.ts'

type Gpu = NodeDocument['hardware']['gpus'][number]
const gpu = (change: Partial<Gpu> = {}): Gpu => ({
  ...{ index: 0, uuid: 'GPU-1', name: 'NVIDIA GeForce RTX 4090', vendor: 'NVIDIA', vramMiB: 24_564, driverVersion: '550.54.14' },
  computeCapability: '8.9',
  ...change,
})
const facts = (gpus: Gpu[], change: Partial<NodeDocument['hardware']> = {}, devices = ['CPU', 'CUDA', 'OPTIX']): RequirementFacts => ({
  os: { platform: 'linux', name: 'Debian', release: '12', arch: 'x64', hostname: 'h' },
  hardware: { cpuName: 'c', cpuCores: 8, ramMiB: 32_000, diskFreeMiB: 200_000, gpus, ...change },
  software: [{ kind: 'blender', version: '4.2.1', devices }],
})
const failed = (checks: readonly Check[]) => checks.filter(({ state }) => state === 'fail').map(({ code }) => code)
const of = (checks: readonly Check[], code: string) => checks.find((check) => check.code === code)

test('a good computer passes all of it', () => {
  const checks = checkRequirements(networkRequirements, facts([gpu()]))
  expect(checks.map(({ state }) => state)).toEqual(checks.map(() => 'pass'))
  expect(checks.map(({ code }) => code)).toContain('COMPUTE_CAPABILITY')
})

test.each<[string, RequirementFacts, string[]]>([
  ['too little memory on the card', facts([gpu({ vramMiB: 2_048 })]), ['VRAM_TOO_SMALL']],
  ['an old driver', facts([gpu({ driverVersion: '470.256.02' })]), ['DRIVER_TOO_OLD']],
  ['a driver of exactly the version', facts([gpu({ driverVersion: '520.06' })]), []],
  ['an old card', facts([gpu({ computeCapability: '5.2' })]), ['COMPUTE_CAPABILITY']],
  ['a card that Blender does not see', facts([gpu()], {}, ['CPU']), ['GPU_NOT_USABLE']],
  ['no card', facts([]), ['GPU_MISSING']],
  ['little memory', facts([gpu()], { ramMiB: 7_900 }), ['RAM_TOO_SMALL']],
  ['16 GiB of which the system keeps some', facts([gpu()], { ramMiB: 15_700 }), []],
  ['a full disk', facts([gpu()], { diskFreeMiB: 51_199 }), ['DISK_TOO_SMALL']],
  ['a disk that says nothing', facts([gpu()], { diskFreeMiB: null }), []],
  ['facts that nobody knows', facts([gpu({ vramMiB: null, driverVersion: null, computeCapability: null })]), []],
  ['one good card beside a bad one', facts([gpu({ vramMiB: 1_024 }), gpu({ uuid: 'GPU-2' })]), []],
])('%s', (_name, given, codes) => expect(failed(checkRequirements(networkRequirements, given))).toEqual(codes))

test('AMD: the driver counts where it has a number of its own', () => {
  const card = gpu({ vendor: 'Advanced Micro Devices, Inc.', name: 'RX 6800', driverVersion: '23.9.1', computeCapability: null })
  const windows = {
    ...facts([card], {}, ['CPU', 'HIP']),
    os: { platform: 'win32', name: 'Windows', release: '10', arch: 'x64', hostname: 'h' },
  }
  expect(failed(checkRequirements(networkRequirements, windows))).toEqual(['DRIVER_TOO_OLD'])
  expect(failed(checkRequirements(networkRequirements, facts([card], {}, ['CPU', 'HIP'])))).toEqual([])
})

test('less memory than suggested is advice and names what is suggested', () => {
  expect(of(checkRequirements(networkRequirements, facts([gpu({ vramMiB: 8_192 })])), 'VRAM_TOO_SMALL')).toMatchObject({
    state: 'advice',
    found: '8 GiB',
    wanted: '12 GiB',
  })
})

test('a server of one’s own takes any computer that has Blender, and shows what the network would say', () => {
  const weak = facts([], { ramMiB: 2_000, diskFreeMiB: 100 }, ['CPU'])
  const checks = checkRequirements(homeRequirements, weak)
  expect(failed(checks)).toEqual([])
  expect(checks.filter(({ state }) => state === 'advice').map(({ code }) => code)).toEqual([
    'GPU_MISSING',
    'RAM_TOO_SMALL',
    'DISK_TOO_SMALL',
  ])
  expect(failed(checkRequirements(homeRequirements, { ...weak, software: [] }))).toEqual(['BLENDER_NOT_FOUND'])
})

test('more of anything never fails a check that passed', () => {
  const size = fc.integer({ min: 0, max: 200_000 })
  fc.assert(
    fc.property(size, size, size, size, (vram, ram, disk, more) => {
      const few = failed(checkRequirements(networkRequirements, facts([gpu({ vramMiB: vram })], { ramMiB: ram, diskFreeMiB: disk })))
      const many = failed(
        checkRequirements(networkRequirements, facts([gpu({ vramMiB: vram + more })], { ramMiB: ram + more, diskFreeMiB: disk + more })),
      )
      for (const code of many) expect(few).toContain(code)
    }),
  )
})

test('versions compare by their numbers, and compare the same from both sides', () => {
  expect(compareVersions('520.06', '520.6')).toBe(0)
  expect(compareVersions('535', '520.06.01')).toBeGreaterThan(0)
  expect(compareVersions('6.10', '6.9')).toBeGreaterThan(0)
  const version = fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'))
  fc.assert(fc.property(version, version, (a, b) => Math.sign(compareVersions(a, b)) === -Math.sign(compareVersions(b, a))))
})
