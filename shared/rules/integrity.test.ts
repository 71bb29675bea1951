import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  blockedUntil,
  integrityLimits,
  judgeIntegrity,
  minerSign,
  nothingSuspected,
  type IntegrityMoment,
  type IntegrityState,
  type IntegrityVerdict,
  type SeenProgram,
} from './integrity.ts'

const program = (name: string, commandLine = name, busyPercent: number | null = 95): SeenProgram => ({ name, commandLine, busyPercent })

/** As desktops list them, among them names and words that a careless rule falls for. */
const ordinary: SeenProgram[] = [
  ...['systemd', 'kworker/0:1-events', 'Xorg', 'gnome-shell', 'kwin_wayland', 'pipewire', 'dbus-daemon', 'NetworkManager'].map((name) =>
    program(name),
  ),
  // The file indexers of GNOME are called miners.
  program('tracker-miner-fs-3', '/usr/libexec/tracker-miner-fs-3'),
  program('localsearch-3', '/usr/libexec/localsearch-3'),
  program('Minecraft', 'java -Xmx4G -jar minecraft_server.jar --server mc.example:25565'),
  program('miner', './miner --level 3'),
  program('Deep Rock Galactic', 'FSD-Win64-Shipping.exe'),
  program('t-rex', 'godot --main-pack t-rex.pck'),
  program('rigel', '/opt/rigel/astro --catalogue stars'),
  program('excavator', 'excavator-simulator.exe -a auto'),
  program('blender', 'blender scene.blend'),
  program('ffmpeg', 'ffmpeg -i in.mkv -s 1920x1080 -c:v h264_nvenc out.mp4'),
  program('obs', 'obs --startrecording'),
  program('steam', 'steam -applaunch 570'),
  program('python3', 'python3 train.py --algorithm ppo --server localhost:8080'),
  program('node', 'node server.js --url db.example:5432'),
  program('firefox', 'firefox https://en.wikipedia.org/wiki/Stratum_(geology)'),
  program('ssh', 'ssh -o StrictHostKeyChecking=no host'),
  program('curl', 'curl -o out.bin https://example:8443/x'),
  // Reading about pools is no mining.
  program('grep', 'grep stratum+tcp://pool.example:3333 notes.txt', 3),
  program('vim', 'vim stratum+tcp.md'),
  program('code', 'code xmrig/src/main.cpp', 60),
]

describe('a miner is known', () => {
  test.each([
    program('xmrig', 'xmrig', 0),
    program('C:\\Tools\\lolMiner.exe', 'lolMiner.exe --algo ETHASH', null),
    program('svchost', 'svchost -o stratum+tcp://eu.pool.example:4444 -u wallet'),
    program('t-rex', 't-rex -a kawpow -o pool.example:8888 -u wallet'),
    program('gminer', 'miner --algo etchash --server etc.example:1010 --user w'),
    program('x', 'x --coin=autolykos2 --pool=erg.example:1180'),
  ])('$commandLine', (seen) => expect(minerSign(seen)).not.toBeNull())
  test.each(ordinary)('and this is none: $commandLine', (seen) => expect(minerSign(seen)).toBeNull())
})

const moment = (atMs: number, change: Partial<IntegrityMoment> = {}): IntegrityMoment => ({
  ...{ atMs, processing: true, programs: ordinary, foreignGpuPercent: 2 },
  ...change,
})
const judgeAll = (moments: readonly IntegrityMoment[]): IntegrityVerdict | null => {
  let state: IntegrityState = nothingSuspected
  for (const one of moments) {
    const judged = judgeIntegrity(state, one)
    if (judged.verdict !== null) return judged.verdict
    state = judged.state
  }
  return null
}
const seconds = (count: number, change: (second: number) => Partial<IntegrityMoment> = () => ({})) =>
  Array.from({ length: count }, (_, second) => moment(second * 1_000, change(second)))

describe('double use', () => {
  test('a whole evening at an ordinary desktop is none', () => expect(judgeAll(seconds(7_200))).toBeNull())
  test('load of others counts once it lasted without a break, and the evidence says what was seen', () => {
    expect(judgeAll(seconds(60, () => ({ foreignGpuPercent: 90 })))).toBeNull()
    expect(judgeAll(seconds(61, () => ({ foreignGpuPercent: 90 })))).toEqual({
      code: 'FOREIGN_GPU_LOAD',
      evidence: { percent: 90, limit: 30, ms: 60_000 },
    })
  })
  test('a film, a page that scrolls, a load that nobody can tell: none', () => {
    expect(judgeAll(seconds(600, () => ({ foreignGpuPercent: 25 })))).toBeNull()
    expect(judgeAll(seconds(600, (second) => ({ foreignGpuPercent: second % 50 === 0 ? 5 : 80 })))).toBeNull()
    expect(judgeAll(seconds(600, () => ({ foreignGpuPercent: null })))).toBeNull()
  })
  test('a miner counts after some looks, with its sign', () => {
    const mining = () => ({ programs: [...ordinary, program('xmrig')] })
    expect(judgeAll(seconds(10, mining))).toBeNull()
    expect(judgeAll(seconds(11, mining))).toEqual({ code: 'MINER', evidence: { program: 'xmrig', sign: 'name xmrig' } })
  })
  test('nothing is judged while no frame is rendered: a game that pauses the node is never blocked', () => {
    const playing = (second: number) => ({ processing: second < 2, foreignGpuPercent: 99, programs: [program('xmrig')] })
    expect(judgeAll(seconds(3_600, playing))).toBeNull()
  })

  const moments = fc
    .array(
      fc.record({
        stepMs: fc.integer({ min: 100, max: 5_000 }),
        processing: fc.boolean(),
        foreignGpuPercent: fc.option(fc.integer({ min: 0, max: 100 })),
        miner: fc.boolean(),
      }),
      { maxLength: 120 },
    )
    .map((steps) => {
      let atMs = 0
      return steps.map(({ stepMs, processing, foreignGpuPercent, miner }) =>
        moment((atMs += stepMs), { processing, foreignGpuPercent, programs: miner ? [program('xmrig')] : [] }),
      )
    })
  test('a verdict always has an unbroken stretch of work behind it in which the thing was so', () => {
    fc.assert(
      fc.property(moments, (all) => {
        let state = nothingSuspected
        for (const [index, one] of all.entries()) {
          const judged = judgeIntegrity(state, one)
          state = judged.state
          if (judged.verdict === null) continue
          const isMiner = judged.verdict.code === 'MINER'
          const forMs = isMiner ? integrityLimits.minerForMs : integrityLimits.loadForMs
          const stretch = all.slice(0, index + 1).filter(({ atMs }) => atMs > one.atMs - forMs)
          for (const { processing, programs, foreignGpuPercent } of stretch) {
            expect(processing).toBe(true)
            expect(isMiner ? programs.length > 0 : (foreignGpuPercent ?? 0) > integrityLimits.foreignGpuPercent).toBe(true)
          }
          return
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('a block', () => {
  const minuteMs = 60_000
  const now = 1_800_000_000_000
  test('lasts 10 min, then twice as long each time, at most a day; what is lifted or long ago does not count', () => {
    const past = (count: number) => Array.from({ length: count }, (_, index) => ({ since: now - (index + 1) * 3_600_000 }))
    expect([0, 1, 2, 7, 8, 50].map((count) => (blockedUntil(past(count), now) - now) / minuteMs)).toEqual([10, 20, 40, 1_280, 1_440, 1_440])
    expect(blockedUntil([{ since: now - 1_000, lifted: true }, { since: now - 8 * 86_400_000 }], now) - now).toBe(10 * minuteMs)
  })
  test('never ends before it begins, and one more in the past never makes it shorter', () => {
    const past = fc.array(fc.record({ since: fc.integer({ min: now - 10 * 86_400_000, max: now }), lifted: fc.boolean() }), {
      maxLength: 40,
    })
    fc.assert(
      fc.property(past, fc.integer({ min: now - 86_400_000, max: now }), (blocks, since) => {
        const until = blockedUntil(blocks, now)
        expect(until).toBeGreaterThan(now)
        expect(blockedUntil([...blocks, { since }], now)).toBeGreaterThanOrEqual(until)
      }),
    )
  })
})
