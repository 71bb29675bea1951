import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Worker } from '#shared/collections/worker.schema.ts'
import { integrityLimits, minerSign, poolPorts, type SeenProgram } from '#shared/rules/integrity.ts'
import type { RenderDevice } from '../engines/engine.ts'
import { systemClock } from '../systemClock.ts'
import { manualClock, type ManualClock } from '../testing/manualClock.ts'
import { quietLog } from '../testing/quietLog.ts'
import { openBlocks, type Blocks } from './blocks.ts'
import { createForeignLoad, parseDrmFdinfo, parsePmonLine, readPmonColumns, type CardLoad } from './foreignLoad.ts'
import { createLinuxPrograms, poolConnections } from './linuxPrograms.ts'
import { readPs, readWindowsProcesses, withoutOurs } from './listedPrograms.ts'
import { watchIntegrity } from './watchIntegrity.ts'

const minuteMs = 60_000
let folder: string
let facts: Map<string, string>
const local = {
  readFact: (key: string) => facts.get(key) ?? null,
  writeFact: (key: string, value: string) => void facts.set(key, value),
}
const children: ChildProcess[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictor-integrity-'))
  facts = new Map()
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})
/** A real process of that name, which is not ours: nobody's child any more. */
async function startProgram(name: string, ...args: string[]): Promise<number> {
  const path = join(folder, name)
  await copyFile('/bin/sleep', path)
  const shell = spawn('sh', ['-c', `"${path}" "$@" >/dev/null 2>&1 & echo $!`, 'sh', '60', ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [chunk] = (await once(shell.stdout, 'data')) as [Buffer]
  await once(shell, 'exit')
  const pid = Number(chunk.toString())
  orphans.push(pid)
  return pid
}
const orphans: number[] = []
afterEach(() => {
  for (const pid of orphans.splice(0)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself.
    }
  }
})

describe('blocks', () => {
  const open = (clock: ManualClock) => openBlocks({ local, clock, serverNow: () => clock.now() })
  const worker = (blockSince: number) => ({ wanted: { contest: { blockSince, at: 7 } } }) as unknown as Worker
  test('begin with 10 minutes, double, survive a restart with their evidence, and end by themselves', () => {
    const clock = manualClock()
    const first = open(clock)
    const told = vi.fn()
    expect([first.current(), first.refusal()]).toEqual([null, null])
    const block = first.begin({ code: 'MINER', evidence: { program: 'xmrig' } })
    expect(block.until - block.since).toBe(10 * minuteMs)
    first.stop()
    const second = open(clock)
    second.onChange(told)
    expect(second.current()).toEqual(block)
    expect(second.refusal()).toMatchObject({ code: 'NODE_BLOCKED' })
    clock.advance(10 * minuteMs + 10)
    expect([second.current(), told.mock.calls.length]).toEqual([null, 1])
    const next = second.begin({ code: 'FOREIGN_GPU_LOAD', evidence: {} })
    expect(next.until - next.since).toBe(20 * minuteMs)
    expect(second.list()).toEqual([next, block])
    second.stop()
  })
  test('a contest is recorded once, and ends nothing', () => {
    const clock = manualClock()
    const blocks = open(clock)
    const { since } = blocks.begin({ code: 'MINER', evidence: {} })
    const told = vi.fn()
    blocks.onChange(told)
    blocks.setWanted(worker(since))
    blocks.setWanted(worker(since))
    blocks.setWanted(worker(since + 1))
    expect([blocks.current()?.contestedAt, told.mock.calls.length]).toEqual([7, 1])
    blocks.stop()
  })
})

describe('the watch', () => {
  const gpu: RenderDevice = { kind: 'gpu', visible: ['GPU-1'] }
  function setUp(see: (second: number) => { programs?: SeenProgram[]; cards?: Record<string, CardLoad> }) {
    const clock = manualClock()
    const blocks: Blocks = openBlocks({ local, clock, serverNow: () => clock.now() })
    let renders: RenderDevice[] = [gpu]
    const looks = { count: 0, stopped: 0 }
    const watch = watchIntegrity({
      ...{ blocks, clock, log: quietLog, renders: () => renders },
      look: {
        look: () => {
          looks.count += 1
          const { programs = [], cards = {} } = see(clock.monotonicMs() / 1_000)
          return Promise.resolve({ programs, cards: new Map(Object.entries(cards)) })
        },
        stop: () => void (looks.stopped += 1),
      },
    })
    const pass = async (ms: number) => {
      watch.wake()
      for (let passed = 0; passed <= ms; passed += 1_000) {
        await new Promise((resolve) => setImmediate(resolve))
        clock.advance(1_000)
      }
    }
    return { blocks, looks, pass, watch, setRenders: (next: RenderDevice[]) => (renders = next) }
  }
  const busy = (percent: number, program: string) => ({ cards: { 'GPU-1': { percent, program } } })
  const program = (name: string, commandLine = name): SeenProgram => ({ name, commandLine, busyPercent: 90 })

  test('load of others on the card that renders blocks after its time, with the evidence', async () => {
    const { blocks, pass, looks } = setUp(() => busy(80, 'game'))
    await pass(55_000)
    expect(blocks.current()).toBeNull()
    await pass(20_000)
    expect(blocks.current()).toMatchObject({ code: 'FOREIGN_GPU_LOAD', evidence: { percent: 80, program: 'game' } })
    const before = looks.count
    await pass(30_000)
    expect(looks.count).toBe(before)
  })
  test('the load of another card counts nothing, nor that of a render on the processor', async () => {
    const other = setUp(() => ({ cards: { 'GPU-2': { percent: 100, program: 'game' } } }))
    await other.pass(180_000)
    const processor = setUp(() => busy(100, 'game'))
    processor.setRenders([{ kind: 'cpu' }])
    await processor.pass(180_000)
    expect([other.blocks.current(), processor.blocks.current()]).toEqual([null, null])
  })
  test('nothing is looked at while nothing renders for the network', async () => {
    const { pass, looks, setRenders, blocks } = setUp(() => ({ programs: [program('xmrig')] }))
    setRenders([])
    await pass(60_000)
    expect([looks.count, blocks.current()]).toEqual([0, null])
  })
  test('a game that a preference answers with a pause is never blocked, however long it runs', async () => {
    const { blocks, pass, setRenders } = setUp(() => busy(99, 'game'))
    // The preference suspends within 2 s; later it goes on, and the game comes back.
    for (let round = 0; round < 20; round += 1) {
      setRenders([gpu])
      await pass(5_000)
      setRenders([])
      await pass(300_000)
    }
    expect(blocks.current()).toBeNull()
  })
  test.each([
    ['a browser with video', busy(25, 'firefox'), [program('firefox'), program('Isolated Web Co')]],
    ['a compositor', busy(15, 'kwin_wayland'), [program('kwin_wayland'), program('plasmashell')]],
    ['a video', busy(28, 'mpv'), [program('mpv', 'mpv --hwdec=auto film.mkv')]],
    ['a recording', busy(22, 'obs'), [program('obs', 'obs --startrecording'), program('ffmpeg')]],
    ['an IDE', busy(5, 'code'), [program('code', 'code xmrig/src'), program('clangd')]],
    ['file indexers', busy(0, 'gnome-shell'), [program('tracker-miner-fs-3', '/usr/libexec/tracker-miner-fs-3'), program('miner')]],
  ])('%s for an hour is no double use', async (_name, cards, programs) => {
    const { blocks, pass } = setUp(() => ({ ...cards, programs }))
    await pass(3_600_000)
    expect(blocks.current()).toBeNull()
  })
  test('a film that starts, a page with a chart, a loading screen: short bursts are none', async () => {
    const { blocks, pass } = setUp((second) => busy(second % 90 < 45 ? 100 : 4, 'chromium'))
    await pass(3_600_000)
    expect(blocks.current()).toBeNull()
  })
  test('a miner by name is blocked after 10 s', async () => {
    const { blocks, pass } = setUp(() => ({ programs: [program('xmrig')] }))
    await pass(25_000)
    expect(blocks.current()).toMatchObject({ code: 'MINER', evidence: { program: 'xmrig', sign: 'name xmrig' } })
  })
  test('a look that fails is tried again', async () => {
    let fail = true
    const { blocks, pass } = setUp(() => {
      if (fail) throw new Error('gone')
      return { programs: [program('xmrig')] }
    })
    await pass(10_000)
    fail = false
    await pass(25_000)
    expect(blocks.current()?.code).toBe('MINER')
  })
})

/** An address of this computer that is not only its own; none where there is no network. */
const ownAddress = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address

/** The first of the pools' ports that is free here. */
async function listenOnPoolPort(server: Server, host: string): Promise<number> {
  for (const port of poolPorts) {
    const listening = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, host, () => resolve(true))
    })
    if (listening) return port
  }
  throw new Error('no port of a pool is free')
}

describe.runIf(process.platform === 'linux')('real processes', () => {
  test('a program that is named like a miner is seen with its command line; what we started is not', async () => {
    const pid = await startProgram('xmrig', '5')
    children.push(spawn(join(folder, 'xmrig'), ['59'], { stdio: 'ignore' }))
    const programs = createLinuxPrograms()
    const mine = programs.look(0).filter(({ name }) => name === 'xmrig')
    expect(mine).toMatchObject([{ commandLine: `${join(folder, 'xmrig')} 60 5`, busyPercent: null }])
    expect(programs.ownerOf(pid)).toEqual({ ours: false, name: 'xmrig' })
    expect(programs.look(1_000).find(({ name }) => name === 'xmrig')?.busyPercent).toBeLessThan(20)
  })
  test('a played nvidia-smi and a real program: the load of others is known, ours is not among it', async () => {
    const game = await startProgram('space-game')
    const ours = spawn(join(folder, 'space-game'), ['60'], { stdio: 'ignore' })
    children.push(ours)
    const script = `#!/bin/sh
echo '# gpu         pid   type     sm    mem    enc    dec    command '
echo '# Idx           #    C/G      %      %      %      %    name '
while true; do
echo '    0      ${game}     G     71      3      -      -    space-game     '
echo '    0      ${ours.pid ?? 0}     C     98     40      -      -    space-game     '
echo '    0           1     C     50      1      -      -    stranger-of-host'
echo '    1           -     -      -      -      -      -    -              '
sleep 0.1
done`
    await writeFile(join(folder, 'nvidia-smi'), script)
    await chmod(join(folder, 'nvidia-smi'), 0o755)
    const programs = createLinuxPrograms()
    const card = (index: number) => ({ index, uuid: `GPU-${index}`, vendor: 'NVIDIA', pciBus: null })
    const load = createForeignLoad({
      ...{ clock: systemClock, log: quietLog, cards: [card(0), card(1)], ownerOf: (pid) => programs.ownerOf(pid) },
      command: join(folder, 'nvidia-smi'),
    })
    try {
      expect(load.look().size).toBe(0)
      await vi.waitFor(() => expect(load.look().get('GPU-1')).toEqual({ percent: 0, program: null }), { timeout: 10_000 })
      expect(load.look().get('GPU-0')).toEqual({ percent: 71, program: 'space-game' })
    } finally {
      load.stop()
    }
    expect(load.look().size).toBe(0)
    load.stop()
  })
  test.runIf(ownAddress !== undefined)('a connection of a busy program to a pool’s port elsewhere is seen, by the port alone', async () => {
    // What only this computer could be asked for is no pool: its address in the network is reached like another's.
    const pool = createServer()
    const port = await listenOnPoolPort(pool, ownAddress ?? '')
    const script = join(folder, 't-rex')
    await writeFile(script, `#!/bin/bash\nexec 3<>/dev/tcp/${ownAddress}/${port}\nwhile :; do :; done\n`, { mode: 0o755 })
    const shell = spawn('sh', ['-c', `"${script}" >/dev/null 2>&1 & echo $!`], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [chunk] = (await once(shell.stdout, 'data')) as [Buffer]
    orphans.push(Number(chunk.toString()))
    try {
      const programs = createLinuxPrograms()
      const seen = () => programs.look(systemClock.monotonicMs()).find(({ name }) => name === 't-rex')
      await vi.waitFor(() => expect(minerSign(seen() ?? { name: '', commandLine: '', busyPercent: null })).toBe(`pool port ${port}`), {
        timeout: 20_000,
        interval: 250,
      })
    } finally {
      pool.close()
    }
  })
  test('and together they block, without ending anybody’s program', async () => {
    const pid = await startProgram('lolminer')
    const programs = createLinuxPrograms()
    const blocks = openBlocks({ local, clock: systemClock, serverNow: () => systemClock.now() })
    const watch = watchIntegrity({
      ...{ blocks, clock: systemClock, log: quietLog, renders: () => [{ kind: 'cpu' }] },
      look: {
        look: () => Promise.resolve({ programs: programs.look(systemClock.monotonicMs()), cards: new Map() }),
        stop: () => undefined,
      },
      limits: { ...integrityLimits, minerForMs: 0 },
    })
    watch.wake()
    // The first look may come before the program has its name; the next one is seconds later.
    await vi.waitFor(() => expect(blocks.current()).toMatchObject({ code: 'MINER', evidence: { program: 'lolminer' } }), {
      timeout: 20_000,
    })
    watch.stop()
    blocks.stop()
    expect(() => process.kill(pid, 0)).not.toThrow()
  })
})

describe('what systems tell', () => {
  test('pmon of old and new drivers', () => {
    const old = readPmonColumns('# gpu        pid  type    sm   mem   enc   dec   command')
    expect(old).not.toBeNull()
    if (old === null) return
    expect(parsePmonLine('    0      21370     C    98    40     -     -   blender        ', old)).toEqual({
      ...{ card: 0, pid: 21370, percent: 98, name: 'blender' },
    })
    expect(parsePmonLine('    1          -     -     -     -     -     -   -              ', old)).toMatchObject({
      pid: null,
      percent: null,
    })
    expect(parsePmonLine('# Idx          #   C/G     %     %     %     %   name', old)).toBeNull()
    const now = readPmonColumns('# gpu         pid   type     sm    mem    enc    dec    jpg    ofa    command ')
    if (now === null) throw new Error('not read')
    expect(parsePmonLine('    0       1471     G      7      1      -      -      -      -    Xorg           ', now)).toMatchObject({
      ...{ percent: 7, name: 'Xorg' },
    })
  })
  test('the kernel’s count for AMD and Intel', () => {
    const text =
      'pos:\t0\ndrm-driver:\tamdgpu\ndrm-client-id:\t9\ndrm-pdev:\t0000:03:00.0\ndrm-engine-gfx:\t500 ns\ndrm-engine-dec:\t900 ns\n'
    expect(parseDrmFdinfo(text)).toEqual({ id: '9', address: '0000:03:00.0', busyNs: 500 })
    expect(parseDrmFdinfo('pos:\t0\nflags:\t02\n')).toBeNull()
  })
  test('connections to pools, not within this computer', () => {
    const row = (remote: string, state: string, inode: number) =>
      `   0: 0100007F:1F90 ${remote} ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0 100`
    const text = [
      row('0A0A0A0A:0D05', '01', 7),
      row('0100007F:0D05', '01', 8),
      row('0A0A0A0A:0D05', '0A', 9),
      row('0A0A0A0A:01BB', '01', 10),
    ]
    expect(poolConnections(text.join('\n'))).toEqual(new Map([['7', 3333]]))
    expect(poolConnections(row('00000000000000000000000001000000:0D05', '01', 8)).size).toBe(0)
  })
  test('the lists of Windows and macOS, as constructed after their manuals', () => {
    const windows = JSON.stringify([
      { ProcessId: 4, ParentProcessId: 0, Name: 'xmrig.exe', CommandLine: 'xmrig.exe -o x:1' },
      { ProcessId: 5, ParentProcessId: 1, Name: 'pictor.exe', CommandLine: null },
      { ProcessId: 6, ParentProcessId: 5, Name: 'blender.exe', CommandLine: 'blender -b' },
    ])
    expect(withoutOurs(readWindowsProcesses(windows), 5)).toEqual([
      { name: 'xmrig.exe', commandLine: 'xmrig.exe -o x:1', busyPercent: null },
    ])
    expect(readWindowsProcesses('not JSON')).toEqual([])
    expect(readPs('  501     1  12.5 /Applications/Thing.app/Contents/MacOS/Thing --flag\n')).toMatchObject([
      { pid: 501, name: 'Thing', busyPercent: 12.5 },
    ])
  })
})
