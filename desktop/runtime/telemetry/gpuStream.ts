import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { durations } from '#shared/durations.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { LiveGpu } from '#shared/sync/live.ts'
import { backOffMs } from '../tasks/backOff.ts'
import type { GpuMeter } from './gpuMeter.ts'
import { nvidiaSmiArguments, parseNvidiaSmiLine } from './nvidiaSmi.ts'

/** A card that missed so many of its lines is silent; never judged faster than this. */
const missedLines = 3
const silentMinMs = 3_000
/** Started anew with another interval, the tool needs a while for its first line: on a card that sleeps, seconds. */
const startGraceMs = 15_000

/** The newest values of the NVIDIA cards, from one streaming process. Empty where there is no `nvidia-smi`. */
export function createGpuStream({ clock, log, command = 'nvidia-smi' }: { clock: Clock; log: Logger; command?: string }): GpuMeter {
  const cards = new Map<string, { card: LiveGpu; atMs: number }>()
  let graceUntilMs = -Infinity
  const isFresh = ({ atMs }: { atMs: number }) => {
    const nowMs = clock.monotonicMs()
    return nowMs < graceUntilMs || nowMs - atMs < Math.max(silentMinMs, missedLines * intervalMs)
  }
  let child: ChildProcess | null = null
  let intervalMs = 0
  let missing = false
  let failures = 0
  let cancelRestart = () => undefined as void

  const start = () => {
    const mine = spawn(command, nvidiaSmiArguments(intervalMs), { stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true })
    child = mine
    mine.on('error', (error) => {
      // Not installed: there is no such card, and asking again would only cost.
      missing = 'code' in error && error.code === 'ENOENT'
      if (!missing) log.warn('nvidia-smi could not be started', { reason: error.message })
    })
    mine.on('close', () => {
      if (child !== mine) return
      child = null
      if (missing || intervalMs === 0) return
      failures += 1
      cancelRestart = clock.after(backOffMs(failures, { minMs: 5_000, maxMs: durations.workRequestMaxIntervalMs }), start)
    })
    createInterface({ input: mine.stdout }).on('line', (line) => {
      const card = parseNvidiaSmiLine(line)
      if (card === null) return
      failures = 0
      cards.set(card.uuid, { card, atMs: clock.monotonicMs() })
    })
  }
  const end = () => {
    cancelRestart()
    const old = child
    child = null
    old?.kill('SIGKILL')
  }
  return {
    every(nextMs) {
      if (nextMs === intervalMs || missing) return
      end()
      intervalMs = nextMs
      // Not when it is started again because it failed: then the silence is what counts.
      graceUntilMs = clock.monotonicMs() + startGraceMs
      start()
    },
    newest: () => [...cards.values()].filter(isFresh).map(({ card }) => card),
    silent: () => [...cards.values()].filter((seen) => !isFresh(seen)).map(({ card }) => card.uuid),
    stop() {
      intervalMs = 0
      end()
    },
  }
}
