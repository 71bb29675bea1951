import { powerMonitor } from 'electron'
import { durations } from '#shared/durations.ts'
import { thermalStates, type SystemEvent } from '#shared/api/systemEvents.ts'
import type { Clock } from '#shared/log.ts'

export interface PowerWatch {
  /** The node was started again and knows nothing: what lasts is told once more. */
  tellAgain(): void
  /** Whether the node wants to know how long nobody used the computer. */
  watchUser(wanted: boolean): void
  stop(): void
}

/** Hands on what the system says of the computer: sleep, lock, battery, heat, shutdown, and whether somebody uses it. */
export function watchPower(clock: Clock, tell: (event: SystemEvent) => void): PowerWatch {
  const offs: (() => void)[] = []
  let isLocked = false
  let cancelUser: (() => void) | null = null
  // Electron types each event by itself; the ones that are used have no arguments but `thermal-state-change`.
  const monitor = powerMonitor as Pick<NodeJS.EventEmitter, 'on' | 'off'>
  const on = (name: string, handler: (details?: { state?: unknown }) => void) => {
    monitor.on(name, handler)
    offs.push(() => monitor.off(name, handler))
  }
  on('suspend', () => tell({ kind: 'suspend' }))
  on('resume', () => {
    tell({ kind: 'resume' })
    // It may have been unplugged while it slept.
    tellPower()
  })
  on('lock-screen', () => {
    isLocked = true
    tell({ kind: 'lock' })
  })
  on('unlock-screen', () => {
    isLocked = false
    tell({ kind: 'unlock' })
  })
  on('shutdown', () => tell({ kind: 'shutdown' }))
  on('on-battery', () => tell({ kind: 'power', onBattery: true }))
  on('on-ac', () => tell({ kind: 'power', onBattery: false }))
  on('thermal-state-change', (details) => tell({ kind: 'thermal', state: thermalStateIn(details?.state) }))

  const tellPower = () => tell({ kind: 'power', onBattery: powerMonitor.isOnBatteryPower() })
  const tellUser = () => {
    tell({ kind: 'user', idleMs: powerMonitor.getSystemIdleTime() * 1_000 })
    cancelUser = clock.after(durations.userIdleTellMs, tellUser)
  }
  tellPower()
  return {
    tellAgain() {
      tellPower()
      if (isLocked) tell({ kind: 'lock' })
      if (process.platform === 'darwin') tell({ kind: 'thermal', state: thermalStateIn(powerMonitor.getCurrentThermalState()) })
    },
    watchUser(wanted) {
      if (wanted === (cancelUser !== null)) return
      if (wanted) return tellUser()
      cancelUser?.()
      cancelUser = null
    },
    stop() {
      cancelUser?.()
      for (const off of offs) off()
    },
  }
}

const thermalStateIn = (state: unknown) => thermalStates.find((known) => known === state) ?? 'unknown'
