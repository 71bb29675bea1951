import { expect, test } from 'vitest'
import { systemMeans } from './systemMeans.ts'

const facts = { platform: 'linux', gpus: [], containment: 'bubblewrap+cgroup', hasSystemd: true }
const amd = { uuid: '0000:03:00.0', vendor: 'Advanced Micro Devices, Inc. [AMD/ATI]' }
const nvidia = { uuid: 'GPU-1', vendor: 'NVIDIA' }

test('on Linux what the tests run works; cards and services that were not at hand are unverified', () => {
  expect(systemMeans({ ...facts, gpus: [nvidia, amd] })).toEqual([
    { what: 'containment', how: 'bubblewrap+cgroup', state: 'works' },
    { what: 'cardTelemetry', how: '/sys/class/drm', state: 'unverified' },
    { what: 'cardTelemetry', how: 'nvidia-smi', state: 'unverified' },
    { what: 'powerCap', how: 'power cap of the driver (hwmon)', state: 'unverified' },
    { what: 'powerCap', how: 'nvidia-smi -pl', state: 'unverified' },
    { what: 'foreignUse', how: '/proc', state: 'works' },
    { what: 'pause', how: 'SIGSTOP', state: 'works' },
    { what: 'service', how: 'systemd', state: 'unverified' },
  ])
  expect(systemMeans({ ...facts, hasSystemd: false }).at(-1)).toEqual({ what: 'service', how: '', state: 'missing' })
})

test('on Windows and macOS nothing is said to work, and what is not there is missing', () => {
  const windows = systemMeans({ platform: 'win32', gpus: [amd], containment: 'basic+watchdog', hasSystemd: false })
  expect(windows.map(({ what, state }) => `${what} ${state}`)).toEqual([
    ...[
      'containment unverified',
      'cardTelemetry missing',
      'powerCap missing',
      'foreignUse unverified',
      'pause missing',
      'service unverified',
    ],
  ])
  const contained = systemMeans({ platform: 'win32', gpus: [], containment: 'basic+jobObject', hasSystemd: false })
  expect(contained).toContainEqual({ what: 'pause', how: 'NtSuspendProcess on the job', state: 'unverified' })
  const mac = systemMeans({
    platform: 'darwin',
    gpus: [{ uuid: 'apple', vendor: 'Apple' }],
    containment: 'seatbelt+watchdog',
    hasSystemd: false,
  })
  expect(mac.some(({ state }) => state === 'works')).toBe(false)
})
