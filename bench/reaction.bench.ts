import { spawnSync } from 'node:child_process'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBlocks } from '../desktop/runtime/integrity/blocks.ts'
import { createIntegrityLook } from '../desktop/runtime/integrity/integrityLook.ts'
import { watchIntegrity } from '../desktop/runtime/integrity/watchIntegrity.ts'
import { createHolds } from '../desktop/runtime/node/holds.ts'
import { createLinuxProbes } from '../desktop/runtime/preferences/linux/linuxProbes.ts'
import { watchPreferences } from '../desktop/runtime/preferences/watchPreferences.ts'
import { systemClock } from '../desktop/runtime/systemClock.ts'
import { quietLog } from '../desktop/runtime/testing/quietLog.ts'
import { median } from './median.ts'
import type { BenchRow } from './row.ts'

const program = 'pictor-bench-game'
const longestMs = 10_000
/** Between two starts, at another moment of the second each time: looks are a second apart. */
const apartMs = 1_370

/**
 * How soon a started program that the preferences exclude holds the node, and what the watching costs: this process does nothing else meanwhile, so that
 * its CPU time is that of the watching. Needs Linux.
 */
export async function benchReaction({ short }: { short: boolean }): Promise<BenchRow[]> {
  if (process.platform !== 'linux') return [reactionRow(null, 'needs /proc'), costRow(null, 0, 'needs /proc')]
  const folder = await mkdtemp(join(tmpdir(), 'bench-reaction-'))
  const game = join(folder, program)
  await copyFile('/bin/sleep', game)
  const holds = createHolds({ clock: systemClock, serverNow: Date.now })
  const watch = watchPreferences({
    ...{ probes: createLinuxProbes({ clock: systemClock }), holds, clock: systemClock, log: quietLog, serverNow: Date.now },
    cards: () => ({ hottestC: null, otherGpuPercent: null, usesGpu: false }),
  })
  try {
    watch.setWanted({ excludedApps: [program] })
    await pause(2_000)
    const seconds = short ? 20 : 60
    const [beganAt, before] = [performance.now(), process.cpuUsage()]
    await pause(seconds * 1_000)
    const used = process.cpuUsage(before)
    const cpuPercent = ((used.user + used.system) / 1_000 / (performance.now() - beganAt)) * 100
    const reactions: number[] = []
    for (let turn = 0; turn < (short ? 4 : 10); turn++) {
      await pause(apartMs)
      reactions.push(await react(game, holds))
    }
    return [reactionRow(reactions), costRow(cpuPercent, seconds), await integrityRow(seconds)]
  } finally {
    watch.stop()
    holds.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** What the look at other programs costs while something renders for the network: it is taken by the product's own watch, and nothing else runs here. */
async function integrityRow(seconds: number): Promise<BenchRow> {
  const kept = new Map<string, string>()
  const local = {
    readFact: (name: string) => kept.get(name) ?? null,
    writeFact: (name: string, value: string) => void kept.set(name, value),
  }
  const blocks = openBlocks({ local, clock: systemClock, serverNow: Date.now })
  const integrity = watchIntegrity({
    look: createIntegrityLook({ clock: systemClock, log: quietLog, cards: [] }),
    ...{ blocks, clock: systemClock, log: quietLog, renders: () => [{ kind: 'cpu' }] },
  })
  const [beganAt, before] = [performance.now(), process.cpuUsage()]
  integrity.wake()
  await pause(seconds * 1_000)
  const used = process.cpuUsage(before)
  const cpuPercent = ((used.user + used.system) / 1_000 / (performance.now() - beganAt)) * 100
  integrity.stop()
  blocks.stop()
  return {
    ...costRow(cpuPercent, seconds),
    what: 'integrity: what the look at other programs costs while rendering',
    goal: 'none set',
    reached: null,
  }
}

/** From the start of the program to the hold, in milliseconds; then it is ended, and its hold is gone. */
async function react(game: string, holds: ReturnType<typeof createHolds>): Promise<number> {
  const began = performance.now()
  const pid = startApart(game)
  const until = (held: boolean) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not ${held ? 'held' : 'let go'} within ${longestMs} ms`)), longestMs)
      const off = holds.onChange(look)
      function look(): void {
        if (holds.has('EXCLUDED_APP') !== held) return
        clearTimeout(timer)
        off()
        resolve()
      }
      look()
    })
  try {
    await until(true)
    return performance.now() - began
  } finally {
    process.kill(pid, 'SIGKILL')
    await until(false)
  }
}

/** Programs that this process started are no others': a shell starts it and ends, so that it is nobody's child. Gives its process id. */
const startApart = (game: string): number =>
  Number(spawnSync('sh', ['-c', '"$0" 60 >/dev/null 2>&1 & echo $!', game], { encoding: 'utf8' }).stdout.trim())

const pause = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs))

const reactionRow = (reactions: number[] | null, note?: string): BenchRow => ({
  what: 'excluded program: until the node is held',
  goal: '≤ 2 s',
  ours: reactions === null ? null : Math.round(Math.max(...reactions)),
  unit: 'ms',
  peer: 'none',
  peerValue: null,
  ratio: null,
  reached: reactions === null ? null : Math.max(...reactions) <= 2_000,
  note: note ?? `the slowest of ${reactions?.length ?? 0}; the middle ${Math.round(median(reactions ?? []))} ms`,
})

const costRow = (percent: number | null, seconds: number, note?: string): BenchRow => ({
  what: 'excluded program: what watching costs',
  goal: '< 0.5 % of one core',
  ours: percent === null ? null : Math.round(percent * 100) / 100,
  unit: '%',
  peer: 'none',
  peerValue: null,
  ratio: null,
  reached: percent === null ? null : percent < 0.5,
  note: note ?? `over ${seconds} s`,
})
