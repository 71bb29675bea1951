import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startDisplay } from '../engines/blender/display.ts'
import { systemClock } from '../systemClock.ts'
import { manualClock } from '../testing/manualClock.ts'
import { readOnBattery } from './linux/battery.ts'
import { askSeatIdle, readMetered, readUnsigned } from './linux/busctl.ts'
import { atMost, createLinuxProbes } from './linux/linuxProbes.ts'
import { createOtherCpu, ticksIn } from './linux/otherCpu.ts'
import { createProgramList } from './linux/programs.ts'
import { terminalIdleMs } from './linux/terminals.ts'
import { connectX, cookieIn } from './linux/x11.ts'
import { readHidIdle, readPmset, readProgramPaths } from './macProbes.ts'
import { readWindowsLine } from './windowsProbes.ts'

let folder: string
const children: ChildProcess[] = []
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'pictor-probes-'))))
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

describe('a real X server', () => {
  test('tells idle time and whether the active window fills the screen', async () => {
    const display = await startDisplay(join(folder, 'display'))
    if (!display.ok) throw new Error(display.error.message)
    try {
      const x = await connectX(display.value.name, { HOME: folder })
      if (x === null) throw new Error('not connected')
      const first = (await x.idleMs()) ?? -1
      expect(first).toBeGreaterThanOrEqual(0)
      await vi.waitFor(async () => expect(await x.idleMs()).toBeGreaterThan(first), { timeout: 10_000 })
      // Without a window manager nobody says which window is active.
      expect(await x.fullScreen()).toBeNull()
      const root = 0x1
      await x.setProperty(null, '_NET_ACTIVE_WINDOW', 'WINDOW', [root])
      expect(await x.fullScreen()).toBe(false)
      x.close()
      await vi.waitFor(() => expect(x.isOpen()).toBe(false))
      await expect(x.idleMs()).rejects.toThrow()
    } finally {
      await display.value.stop()
    }
  })
  test('an active window with the state of full screen is one', async () => {
    const display = await startDisplay(join(folder, 'display'))
    if (!display.ok) throw new Error(display.error.message)
    try {
      const x = await connectX(display.value.name, { HOME: folder })
      if (x === null) throw new Error('not connected')
      const state = await x.atom('_NET_WM_STATE_FULLSCREEN')
      await x.setProperty(null, '_NET_WM_STATE', 'ATOM', [await x.atom('_NET_WM_STATE_ABOVE'), state])
      await x.setProperty(null, '_NET_ACTIVE_WINDOW', 'WINDOW', [x.root])
      expect(await x.fullScreen()).toBe(true)
      await x.setProperty(null, '_NET_WM_STATE', 'ATOM', [await x.atom('_NET_WM_STATE_ABOVE')])
      expect(await x.fullScreen()).toBe(false)
      const probes = createLinuxProbes({ clock: systemClock, environment: { DISPLAY: display.value.name, HOME: folder } })
      expect((await probes.means())[0]).toEqual({ fact: 'idle', how: 'X11', state: 'works' })
      probes.stop()
      x.close()
    } finally {
      await display.value.stop()
    }
  })
  test('one that is not there, or elsewhere, is none', async () => {
    expect(await connectX(':987', {})).toBeNull()
    expect(await connectX('otherhost:0', {})).toBeNull()
  })
})

test('the cookie of a display is found among others', () => {
  const field = (text: string) => Buffer.concat([Buffer.from([0, text.length]), Buffer.from(text, 'latin1')])
  const entry = (number: string, name: string, data: string) =>
    Buffer.concat([Buffer.from([1, 0]), field('host'), field(number), field(name), field(data)])
  const file = Buffer.concat([
    entry('0', 'XDM-AUTHORIZATION-1', 'x'),
    entry('1', 'MIT-MAGIC-COOKIE-1', 'one'),
    entry('0', 'MIT-MAGIC-COOKIE-1', 'zero'),
  ])
  expect(cookieIn(file, '0')?.data.toString()).toBe('zero')
  expect(cookieIn(file, '7')).toBeNull()
  expect(cookieIn(file.subarray(0, 20), '0')).toBeNull()
})

describe('programs', () => {
  const start = async (name: string) => {
    await copyFile('/bin/sleep', join(folder, name))
    const child = spawn(join(folder, name), ['60'], { stdio: 'ignore' })
    children.push(child)
    await once(child, 'spawn')
    return child
  }
  test('a program that starts is seen, and gone when it ended; also under its name with .exe', async () => {
    const others = createProgramList(999_999_999)
    expect(others.look().has('pictor-game')).toBe(false)
    const child = await start('Pictor-Game.exe')
    await vi.waitFor(() => expect(others.look().has('pictor-game')).toBe(true))
    child.kill('SIGKILL')
    await once(child, 'exit')
    await vi.waitFor(() => expect(others.look().has('pictor-game')).toBe(false))
  })
  test('what we started ourselves is not among them, however deep', async () => {
    await start('pictor-own')
    const deep = spawn('sh', ['-c', `"${join(folder, 'pictor-own')}" 60 & wait`], { stdio: 'ignore', detached: true })
    try {
      await once(deep, 'spawn')
      const everything = createProgramList(999_999_999)
      await vi.waitFor(() => expect(everything.look().has('pictor-own')).toBe(true))
      expect(createProgramList().look().has('pictor-own')).toBe(false)
    } finally {
      // Left behind, the next run of this test would take it for somebody else's.
      if (deep.pid !== undefined) process.kill(-deep.pid, 'SIGKILL')
    }
  })
})

test('the processor’s load of others is what is busy without us and our children, smoothed', () => {
  expect(ticksIn('12 (a) b) S 1 2 3 4 5 6 7 8 9 10 100 20 3 4 20 0 1')).toBe(127)
  const stat = (ticks: number) => `1 (me) S 0 0 0 0 0 0 0 0 0 0 ${ticks} 0 0 0 0`
  const files = new Map<string, string>()
  const at = (busy: number, idle: number, own: number, child: number) => {
    files.set('/proc/stat', `cpu ${busy} 0 0 ${idle} 0 0 0 0 0 0\n`)
    files.set('/proc/7/stat', stat(own))
    files.set('/proc/7/task/7/children', '8 ')
    files.set('/proc/8/stat', stat(child))
  }
  const cpu = createOtherCpu(7, (path) => files.get(path) ?? '')
  at(1_000, 1_000, 100, 100)
  expect(cpu.look(0)).toBeNull()
  at(1_100, 1_100, 110, 190)
  expect(cpu.look(2_000)).toBe(0)
  // 200 more, all of them others'; a fifth of the smoothing time has passed.
  at(1_300, 1_100, 110, 190)
  expect(cpu.look(4_000)).toBeCloseTo(20)
})
test('and of this computer it is a percentage', async () => {
  const cpu = createOtherCpu()
  cpu.look(performance.now())
  await vi.waitFor(() => expect(cpu.look(performance.now())).not.toBeNull())
  expect(cpu.look(performance.now())).toBeGreaterThanOrEqual(0)
  expect(cpu.look(performance.now())).toBeLessThanOrEqual(100)
})

test('the battery: discharging without a plug; a mouse’s does not count', async () => {
  const put = async (name: string, files: Record<string, string>) => {
    await mkdir(join(folder, name), { recursive: true })
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, name, file), `${text}\n`)
  }
  expect(await readOnBattery(folder)).toBeNull()
  await put('hidpp_battery_0', { type: 'Battery', scope: 'Device', status: 'Discharging' })
  expect(await readOnBattery(folder)).toBeNull()
  await put('BAT0', { type: 'Battery', status: 'Discharging' })
  await put('AC', { type: 'Mains', online: '0' })
  expect(await readOnBattery(folder)).toBe(true)
  await put('AC', { type: 'Mains', online: '1' })
  expect(await readOnBattery(folder)).toBe(false)
  await put('AC', { type: 'Mains', online: '0' })
  await put('BAT0', { type: 'Battery', status: 'Full' })
  expect(await readOnBattery(folder)).toBe(false)
})

test('terminals: the newest key counts; without any nobody is there', async () => {
  expect(await terminalIdleMs(Date.now(), [folder])).toBe(Infinity)
  for (const [name, ageS] of [
    ['0', 100],
    ['7', 40],
    ['ptmx', 1],
  ] as const) {
    await writeFile(join(folder, name), '')
    await utimes(join(folder, name), 1_000_000 - ageS, 1)
  }
  expect(await terminalIdleMs(1_000_000_000, [folder])).toBe(40_000)
})

test('D-Bus answers: metered, idle, and who sits at the screen', async () => {
  expect([0, 1, 2, 3, 4].map((number) => readMetered(`u ${number}`))).toEqual([null, true, false, true, false])
  expect([readUnsigned('t 12345'), readUnsigned('b true'), readUnsigned(null)]).toEqual([12_345, null, null])
  const seat = (answers: Record<string, string>) => askSeatIdle(10_000, (...args) => Promise.resolve(answers[args.at(-1) ?? ''] ?? null))
  const session = { ActiveSession: '(so) "2" "/org/freedesktop/login1/session/_32"' }
  expect(await seat({})).toEqual({ graphical: false, idleMs: null })
  expect(await seat({ ...session, Type: 's "tty"' })).toEqual({ graphical: false, idleMs: null })
  expect(await seat({ ...session, Type: 's "wayland"', IdleHint: 'b false' })).toEqual({ graphical: true, idleMs: 0 })
  expect(await seat({ ...session, Type: 's "x11"', IdleHint: 'b true', IdleSinceHint: 't 4000000' })).toEqual({
    graphical: true,
    idleMs: 6_000,
  })
})

// Constructed after the manuals of these systems: neither was at hand.
test('macOS and Windows: what their tools say is read', () => {
  expect(readHidIdle('    | |   "HIDIdleTime" = 4512345678\n')).toBe(4_512)
  expect(readHidIdle('')).toBeNull()
  expect([readPmset("Now drawing from 'Battery Power'\n"), readPmset("Now drawing from 'AC Power'"), readPmset('')]).toEqual([
    true,
    false,
    null,
  ])
  expect(readProgramPaths('/Applications/Blender.app/Contents/MacOS/Blender\n/sbin/launchd\n')).toEqual(new Set(['blender', 'launchd']))
  const line = '{"programs":["Doom","explorer"],"idleMs":42,"onBattery":null,"fullScreen":true}'
  expect(readWindowsLine(line)).toEqual({ programs: new Set(['doom', 'explorer']), idleMs: 42, onBattery: null, fullScreen: true })
  expect(readWindowsLine('Add-Type : error')).toBeNull()
})

test('this computer can be asked, and is asked no more often than the answer can change', async () => {
  const probes = createLinuxProbes({ clock: systemClock, environment: {} })
  const everything = {
    idle: true,
    fullScreen: true,
    programs: true,
    cpu: true,
    gpu: true,
    battery: true,
    metered: true,
    temperature: true,
    hours: true,
  }
  const facts = await probes.look(everything)
  expect(facts.programs.size).toBeGreaterThan(0)
  expect(facts.idleMs).not.toBeNull()
  expect((await probes.means()).map(({ fact }) => fact)).toEqual(['idle', 'fullScreen', 'programs', 'cpu', 'battery', 'metered'])
  probes.stop()
  const clock = manualClock()
  const ask = vi.fn(() => Promise.resolve(1))
  const limited = atMost(clock, 1_000, ask)
  await limited()
  clock.advance(999)
  await limited()
  expect(ask).toHaveBeenCalledTimes(1)
  clock.advance(1)
  await limited()
  expect(ask).toHaveBeenCalledTimes(2)
})
