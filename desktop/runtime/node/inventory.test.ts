import { expect, test } from 'vitest'
import { parseNvidiaCard } from './inventory.ts'

test('reads NVIDIA’s list of cards', () => {
  const card = { index: 0, uuid: 'GPU-9b9e8c3a-5c1d', name: 'NVIDIA GeForce RTX 4090', vendor: 'NVIDIA', vramMiB: 24_564 }
  expect(parseNvidiaCard('0, GPU-9b9e8c3a-5c1d, NVIDIA GeForce RTX 4090, 24564, 550.54.14, 00000000:01:00.0, 8.9')).toEqual([
    { ...card, driverVersion: '550.54.14', pciBus: '00000000:01:00.0', computeCapability: '8.9' },
  ])
  // Drivers before 510 do not know the last field.
  expect(parseNvidiaCard('0, GPU-9b9e8c3a-5c1d, NVIDIA GeForce RTX 4090, 24564, 470.1, 00000000:01:00.0')[0]?.computeCapability).toBeNull()
  expect(parseNvidiaCard('NVIDIA-SMI has failed because it could not communicate')).toEqual([])
})
