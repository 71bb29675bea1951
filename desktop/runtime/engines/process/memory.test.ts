import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { manualClock } from '../../testing/manualClock.ts'
import { drmUse, parseComputeApps, parseFdinfo } from './cardMemory.ts'
import { createMemoryGuard, type WatchedTree } from './memoryGuard.ts'
import { startProcessTree } from './processTree.ts'
import { parseProcessList, parseStat, treeMemory, treeOf } from './treeMemory.ts'

const env = { PATH: process.env['PATH'] ?? '' }

describe('the memory of a tree', () => {
  test('is that of the program and of everything it started', async () => {
    const script = 'node -e "const b = Buffer.alloc(150e6, 1); console.log(b.length); setInterval(() => b, 1000)" & echo started; wait'
    const tree = await startProcessTree({ command: 'bash', args: ['-c', script], env })
    try {
      await vi.waitFor(async () => expect((await treeMemory(tree.pid))?.residentMiB).toBeGreaterThan(150), { timeout: 10_000 })
      const found = await treeMemory(tree.pid)
      expect(found?.residentMiB).toBeLessThan(600)
      expect(found?.pids.length).toBeGreaterThanOrEqual(2)
    } finally {
      await tree.stop(100)
    }
    expect(await treeMemory(tree.pid)).toBeNull()
  })
  test('reads the lines of each system', () => {
    // As Linux writes it, with a name that holds what ends it.
    const stat = `77 (blender) x (1)) S 70 70 70 0 -1 4194560 1 0 0 0 5 5 0 0 20 0 9 0 1234 999999 2560 18446744073709551615 1 1 0 0 0`
    expect(parseStat(stat, 4_096)).toEqual({ pid: 77, parent: 70, group: 70, residentBytes: 2_560 * 4_096 })
    expect(parseStat('', 4_096)).toBeNull()
    // `ps -axo pid=,ppid=,pgid=,rss=` of macOS, in KiB, and what is no line.
    expect(parseProcessList('  501     1   501  10240\nps: x\n', 1_024)).toEqual([
      { pid: 501, parent: 1, group: 501, residentBytes: 10_485_760 },
    ])
  })
  test('holds children that left the group, and nobody else', () => {
    const fact = (pid: number, parent: number, group: number) => ({ pid, parent, group, residentBytes: 1 })
    const all = [fact(10, 1, 10), fact(11, 10, 10), fact(12, 11, 12), fact(13, 12, 12), fact(20, 1, 20), fact(14, 1, 10)]
    expect(treeOf(10, all).map(({ pid }) => pid)).toEqual([10, 11, 12, 13, 14])
    expect(treeOf(99, all)).toEqual([])
  })
})

describe('the memory of a card', () => {
  test("is read from NVIDIA's list, where the driver says it", () => {
    const text = '4321, GPU-9b9e, 5120\n4321, GPU-aaaa, 80\n77, GPU-9b9e, [N/A]\nNo running processes found\n'
    expect(parseComputeApps(text)).toEqual(new Map([[4321, 5_200]]))
  })
  test('is read from the descriptors of a process, each client once', async () => {
    // Constructed from the keys of the kernel's drm-usage-stats: amdgpu, and a newer driver with regions by number.
    const amd =
      'pos:\t0\nflags:\t02100002\ndrm-driver:\tamdgpu\ndrm-pdev:\t0000:03:00.0\ndrm-client-id:\t8\ndrm-memory-vram:\t2097152 KiB\ndrm-memory-gtt: \t1024 KiB\n'
    const xe = 'drm-driver:\txe\ndrm-client-id:\t9\ndrm-total-vram0:\t900 MiB\ndrm-resident-vram0:\t512 MiB\n'
    expect(parseFdinfo(amd)).toEqual({ client: '0000:03:00.0/8', mib: 2_048 })
    expect(parseFdinfo(xe)).toEqual({ client: '/9', mib: 512 })
    expect(parseFdinfo('pos:\t0\nflags:\t0\n')).toBeNull()
    const root = await mkdtemp(join(tmpdir(), 'pictor-fdinfo-'))
    await mkdir(join(root, '5', 'fdinfo'), { recursive: true })
    for (const [name, text] of Object.entries({ 3: amd, 4: amd, 5: xe, 6: 'pos:\t0\n' }))
      await writeFile(join(root, '5', 'fdinfo', name), text)
    expect(await drmUse([5, 6], root)).toBe(2_560)
    expect(await drmUse([6], root)).toBeNull()
    await rm(root, { recursive: true })
  })
})

describe('the guard', () => {
  const setUp = (ram: Record<number, number>, card: number | null = null) => {
    const clock = manualClock()
    const reads = { tree: 0, card: 0 }
    const guard = createMemoryGuard({
      clock,
      readTree: (pid) => Promise.resolve((reads.tree++, ram[pid] === undefined ? null : { residentMiB: ram[pid], pids: [pid] })),
      readCard: () => Promise.resolve((reads.card++, card)),
    })
    const second = async () => {
      clock.advance(1_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const over = vi.fn()
    const watch = (pid: number, limits: WatchedTree['limits'], ownMiB = 0) =>
      guard.watch({ pid, limits, onCard: true, ownCountMiB: () => ownMiB, onOver: (error) => void over(pid, error.code, error.details) })
    return { ram, reads, second, over, watch }
  }

  test('ends the largest where all together are over the limit, once', async () => {
    const { ram, second, over, watch } = setUp({ 1: 500, 2: 400 })
    watch(1, { ramMiB: 1_000 })
    watch(2, { ramMiB: 1_000 })
    await second()
    expect(over).not.toHaveBeenCalled()
    ram[1] = 700
    await second()
    await second()
    expect(over.mock.calls).toEqual([[1, 'RAM_LIMIT', { used: '1.1 GiB', limit: '1.0 GiB' }]])
  })
  test("goes by the driver's count of the card, and by the renderer's own where that is higher", async () => {
    const byDriver = setUp({ 1: 10 }, 5_000)
    byDriver.watch(1, { vramMiB: 4_096 })
    await byDriver.second()
    expect(byDriver.over.mock.calls[0]?.[1]).toBe('VRAM_LIMIT')
    const byRenderer = setUp({ 1: 10 }, null)
    byRenderer.watch(1, { vramMiB: 4_096 }, 4_097)
    await byRenderer.second()
    expect(byRenderer.over.mock.calls[0]?.[1]).toBe('VRAM_LIMIT')
  })
  test('reads nothing without limits, and nothing after the end', async () => {
    const { reads, second, watch } = setUp({ 1: 10 })
    watch(1, {})
    await second()
    const end = watch(1, { ramMiB: 100 })
    await second()
    end()
    await second()
    expect(reads).toEqual({ tree: 1, card: 0 })
  })
})
