import type { SystemFacts } from '../node/systemFacts.ts'
import type { MachineProbes, Mean } from './probes.ts'

/**
 * Probes that also know what the desktop app was told: whether the computer runs on battery, which the system says at once; and how long nobody used
 * it, where our own probe cannot tell (most of Wayland) or the screen is locked.
 */
export function withTold(
  probes: MachineProbes,
  system: Pick<SystemFacts, 'onBattery' | 'idleMs' | 'isLocked' | 'inSessions'>,
): MachineProbes {
  return {
    async look(needed) {
      const facts = await probes.look(needed)
      const told = needed.idle ? system.idleMs() : null
      const idleMs = system.isLocked() && told !== null ? Math.max(told, facts.idleMs ?? 0) : (facts.idleMs ?? told)
      // A service sees no person's session: what the helpers there see replaces its own blind look.
      const seen = system.inSessions()
      const inSession = {
        idleMs: needed.idle ? (seen?.idleMs ?? idleMs) : idleMs,
        fullScreen: needed.fullScreen ? (seen?.fullScreen ?? facts.fullScreen) : facts.fullScreen,
      }
      return { ...facts, ...inSession, onBattery: needed.battery ? (system.onBattery() ?? facts.onBattery) : facts.onBattery }
    },
    async means() {
      const seen = system.inSessions()
      const helped = { idle: seen?.idleMs != null, fullScreen: seen?.fullScreen != null }
      const known = { idle: system.idleMs() !== null, battery: system.onBattery() !== null }
      const mended = (mean: Mean): Mean =>
        (mean.fact === 'idle' || mean.fact === 'fullScreen') && helped[mean.fact]
          ? { fact: mean.fact, how: 'session helper', state: 'works' }
          : mean.state === 'missing' && (mean.fact === 'idle' || mean.fact === 'battery') && known[mean.fact]
            ? { fact: mean.fact, how: 'Electron', state: 'unverified' }
            : mean
      return (await probes.means()).map(mended)
    },
    stop: () => probes.stop(),
  }
}
