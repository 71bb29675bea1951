import type { Clock } from '#shared/log.ts'
import { nothingKnown, type MachineProbes, type Mean, type ProbedFacts } from '../probes.ts'
import { askDesktopIdle, askMetered, askSeatIdle } from './busctl.ts'
import { readOnBattery } from './battery.ts'
import { createOtherCpu } from './otherCpu.ts'
import { createProgramList } from './programs.ts'
import { terminalIdleMs } from './terminals.ts'
import { connectX, type XClient } from './x11.ts'

const programsEveryMs = 900
const cpuEveryMs = 2_000
const batteryEveryMs = 5_000
const meteredEveryMs = 30_000
/** Asking the desktop over D-Bus starts a small program. */
const desktopEveryMs = 5_000
const reconnectEveryMs = 30_000

type IdleMean = 'D-Bus (GNOME, KDE)' | 'X11' | 'logind' | 'terminals (no screen)'

export interface LinuxProbesOptions {
  clock: Clock
  environment?: Record<string, string | undefined>
}

/** What Linux tells of itself: X11, D-Bus, /proc and /sys. */
export function createLinuxProbes({ clock, environment = process.env }: LinuxProbesOptions): MachineProbes {
  const programs = createProgramList()
  const cpu = createOtherCpu()
  let x: XClient | null = null
  let triedXAtMs = -Infinity
  const display = async (): Promise<XClient | null> => {
    if (x?.isOpen()) return x
    const name = environment['DISPLAY']
    if (name === undefined || clock.monotonicMs() - triedXAtMs < reconnectEveryMs) return null
    triedXAtMs = clock.monotonicMs()
    x = await connectX(name, environment)
    return x
  }
  const desktopIdle = atMost(clock, desktopEveryMs, askDesktopIdle)
  const onBattery = atMost(clock, batteryEveryMs, () => readOnBattery())
  const metered = atMost(clock, meteredEveryMs, askMetered)
  const running = atMost(clock, programsEveryMs, () => Promise.resolve(programs.look()))
  const busy = atMost(clock, cpuEveryMs, () => Promise.resolve(cpu.look(clock.monotonicMs())))

  const seat = atMost(clock, desktopEveryMs, () => askSeatIdle(clock.now()))

  /** By the strongest means there is. Our own displays for renders are no screens: only what we were given, or logind knows, counts. */
  const idle = async (): Promise<{ idleMs: number | null; how: IdleMean }> => {
    // Under Wayland an X server is there for old programs, and sees only their keys.
    if (environment['WAYLAND_DISPLAY'] !== undefined) return { idleMs: await desktopIdle(), how: 'D-Bus (GNOME, KDE)' }
    const asked = await (await display())?.idleMs().catch(() => null)
    if (asked != null) return { idleMs: asked, how: 'X11' }
    if (environment['DISPLAY'] !== undefined) return { idleMs: await desktopIdle(), how: 'D-Bus (GNOME, KDE)' }
    const { graphical, idleMs } = await seat()
    return graphical ? { idleMs, how: 'logind' } : { idleMs: await terminalIdleMs(clock.now()), how: 'terminals (no screen)' }
  }
  const fullScreen = async () => (await (await display())?.fullScreen().catch(() => null)) ?? null

  return {
    async look(needed): Promise<ProbedFacts> {
      return {
        idleMs: needed.idle ? (await idle()).idleMs : null,
        fullScreen: needed.fullScreen ? await fullScreen() : null,
        programs: needed.programs ? await running() : nothingKnown.programs,
        otherCpuPercent: needed.cpu ? await busy() : null,
        onBattery: needed.battery ? await onBattery() : null,
        metered: needed.metered ? await metered() : null,
      }
    },
    async means(): Promise<Mean[]> {
      const { idleMs, how } = await idle()
      const ran = how === 'X11' || how === 'terminals (no screen)'
      return [
        { fact: 'idle', how, state: idleMs === null ? 'missing' : ran ? 'works' : 'unverified' },
        { fact: 'fullScreen', how: 'X11', state: x?.isOpen() ? 'works' : 'missing' },
        { fact: 'programs', how: '/proc', state: 'works' },
        { fact: 'cpu', how: '/proc', state: 'works' },
        { fact: 'battery', how: '/sys/class/power_supply', state: 'works' },
        { fact: 'metered', how: 'NetworkManager', state: (await askMetered()) === null ? 'missing' : 'unverified' },
      ]
    },
    stop: () => x?.close(),
  }
}

/** Asks again only after so long; in between the last answer counts. */
export function atMost<T>(clock: Clock, everyMs: number, ask: () => Promise<T>): () => Promise<T> {
  let last: { atMs: number; answer: Promise<T> } | null = null
  return () => {
    const nowMs = clock.monotonicMs()
    if (last === null || nowMs - last.atMs >= everyMs) last = { atMs: nowMs, answer: ask() }
    return last.answer
  }
}
