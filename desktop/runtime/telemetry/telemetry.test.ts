import { expect, test } from 'vitest'
import { cpuPercent, parseProcStat, readCpuTimes } from './cpuUsage.ts'
import { parseMemAvailable, readMemory } from './memoryUsage.ts'
import { nvidiaSmiArguments, parseNvidiaSmiLine } from './nvidiaSmi.ts'

// Recorded on a Debian 12 machine with two cores.
const procStat = `cpu  98917 7699 75563 479910 2402 0 362 177 0 0
intr 12345678 0 9
ctxt 987654321
`

test('reads /proc/stat: waiting for the disk is idle, guest time is not counted twice', () => {
  const busy = 98_917 + 7_699 + 75_563 + 0 + 362 + 177
  expect(parseProcStat(procStat)).toEqual({ busy, total: busy + 479_910 + 2_402 })
  expect(parseProcStat('intr 1 2 3')).toBeNull()
})

test('percent of all cores between two readings', () => {
  expect(cpuPercent({ busy: 100, total: 1_000 }, { busy: 150, total: 1_100 })).toBe(50)
  expect(cpuPercent({ busy: 100, total: 1_000 }, { busy: 100, total: 1_000 })).toBeNull()
})

test('this computer answers with numbers that can be', () => {
  const times = readCpuTimes()
  expect(times.busy).toBeGreaterThan(0)
  expect(times.total).toBeGreaterThan(times.busy)
  const memory = readMemory()
  expect(memory.usedMiB).toBeGreaterThan(0)
  expect(memory.usedMiB).toBeLessThanOrEqual(memory.totalMiB)
})

test('reads what memory is available from /proc/meminfo', () => {
  expect(parseMemAvailable('MemTotal:       16384000 kB\nMemFree:         1024000 kB\nMemAvailable:    8192000 kB\n')).toBe(8_000)
  expect(parseMemAvailable('MemTotal: 1 kB')).toBeNull()
})

// Constructed after NVIDIA's documentation of the format; no card was at hand to record it.
test.each([
  [
    'GPU-9b9e8c3a-5c1d-7d4e-8f2b-1a2b3c4d5e6f, NVIDIA GeForce RTX 4090, 97, 8211, 24564, 61, 341.27, 45, 2520',
    {
      utilisationPercent: 97,
      memoryUsedMiB: 8_211,
      memoryTotalMiB: 24_564,
      temperatureC: 61,
      powerW: 341.27,
      fanPercent: 45,
      clockMHz: 2_520,
    },
  ],
  [
    'GPU-1b2c3d4e-0000-1111-2222-333344445555, NVIDIA H200, 0, 4, 143771, 31, 76.02, [N/A], 345',
    { utilisationPercent: 0, memoryUsedMiB: 4, memoryTotalMiB: 143_771, temperatureC: 31, powerW: 76.02, fanPercent: null },
  ],
  [
    'GPU-1b2c3d4e-0000-1111-2222-333344445555, Quadro K600, [Not Supported], 300, 981, 52, [Not Supported], 26, [N/A]',
    { utilisationPercent: null, memoryUsedMiB: 300, memoryTotalMiB: 981, temperatureC: 52, powerW: null, fanPercent: 26 },
  ],
])('reads a line of nvidia-smi: %s', (line, values) => {
  expect(parseNvidiaSmiLine(line)).toMatchObject(values)
})

test('reads what an RTX 2080 with driver 440.64 printed, asked for more columns than ours', () => {
  // Recorded by KeithMyers with --format=csv,noheader,nounits: https://github.com/Ricks-Lab/gpu-utils/issues/83
  const columns = [
    ...[
      'power.limit',
      'power.min_limit',
      'power.max_limit',
      'memory.total',
      'vbios_version',
      'driver_version',
      'name',
      'uuid',
      'power.draw',
    ],
    ...['temperature.gpu', 'temperature.memory', 'clocks.current.graphics', 'clocks.sm', 'clocks.mem', 'utilization.gpu'],
    ...['utilization.memory', 'fan.speed', 'pcie.link.width.current', 'pstate'],
  ]
  const line =
    '200.00, 105.00, 292.00, 7979, 90.04.23.00.5F, 440.64, GeForce RTX 2080, GPU-22b2c6ac-2d49-4863-197c-9c469071178a, 176.98, 45, N/A, 1965, 1965, 7199, 86, 55, 100, 8, P2'
  expect(parseNvidiaSmiLine(line, columns)).toEqual({
    ...{ uuid: 'GPU-22b2c6ac-2d49-4863-197c-9c469071178a', name: 'GeForce RTX 2080', utilisationPercent: 86 },
    ...{ memoryUsedMiB: null, memoryTotalMiB: 7_979, temperatureC: 45, powerW: 176.98, fanPercent: 100, clockMHz: 1_965 },
  })
})

test.each([
  '',
  'NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.',
  'GPU-1, name, 1, 2',
  'a, b, c, d, e, f, g, h, i',
])('what is no line of values is nothing: %s', (line) => expect(parseNvidiaSmiLine(line)).toBeNull())

test('asks for as many fields as it reads', () => {
  const query = nvidiaSmiArguments(1_000).find((argument) => argument.startsWith('--query-gpu='))
  expect(query?.split(',')).toHaveLength(9)
})
