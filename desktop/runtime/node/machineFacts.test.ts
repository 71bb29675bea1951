import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { linuxFacts } from './machineFacts.ts'

let folder: string
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'pictor-node-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

test('battery, displays and networks come from the small files of the system; a mouse’s battery is none', async () => {
  const put = async (path: string, text: string) => {
    await mkdir(join(folder, 'class', path, '..'), { recursive: true })
    await writeFile(join(folder, 'class', path), text)
  }
  expect(await linuxFacts(join(folder, 'class'))).toEqual({ hasBattery: false, displays: 0, networks: [] })
  await put('power_supply/hidpp_battery_0/type', 'Battery\n')
  await put('power_supply/hidpp_battery_0/scope', 'Device\n')
  await put('power_supply/AC/type', 'Mains\n')
  await put('drm/card0-HDMI-A-1/status', 'connected\n')
  await put('drm/card0-DP-1/status', 'disconnected\n')
  await put('drm/version', 'drm 1.1.0\n')
  for (const name of ['lo', 'enp3s0', 'docker0']) await put(`net/${name}/mtu`, '1500')
  await put('net/wlan0/phy80211/name', 'phy0')
  const facts = {
    displays: 1,
    networks: [
      { name: 'enp3s0', kind: 'wired' },
      { name: 'wlan0', kind: 'wireless' },
    ],
  }
  expect(await linuxFacts(join(folder, 'class'))).toEqual({ hasBattery: false, ...facts })
  await put('power_supply/BAT0/type', 'Battery\n')
  expect(await linuxFacts(join(folder, 'class'))).toEqual({ hasBattery: true, ...facts })
  await put('../block/nvme0n1/size', '1953525168\n')
  await put('../block/nvme0n1/queue/rotational', '0\n')
  await put('../block/nvme0n1/device/model', 'Samsung SSD 990\n')
  await put('../block/sda/size', '7814037168\n')
  await put('../block/sda/queue/rotational', '1\n')
  for (const name of ['loop0', 'dm-0', 'sr0', 'zram0']) await put(`../block/${name}/size`, '2048\n')
  expect((await linuxFacts(join(folder, 'class'))).disks).toEqual([
    { name: 'Samsung SSD 990', kind: 'ssd', sizeMiB: 953_869 },
    { name: 'sda', kind: 'hdd', sizeMiB: 3_815_447 },
  ])
})
