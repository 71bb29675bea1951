import type { DatabaseSync } from 'node:sqlite'
import type { GatewayOutput } from '#shared/api/gatewayCalls.ts'
import type { Clock } from '#shared/log.ts'
import { ok } from '#shared/result.ts'
import type { CallHandlers } from '../calls/callHandlers.ts'
import { softwareHere, type FoundProgram } from './softwareProjector.ts'

type NetworkSoftware = GatewayOutput<'network.software'>

/** It moves slowly, and every dashboard asks for it. */
const keptMs = 10_000
const mostLines = 500

/** `network.software`: what the connected computers of all owners can render and upscale with. Counts only: nobody's computer is named. */
export function createNetworkSoftware({
  database,
  clock,
}: {
  database: DatabaseSync
  clock: Clock
}): NonNullable<CallHandlers['network.software']> {
  let kept: { value: NetworkSoftware; atMs: number } | null = null
  return async () => {
    const nowMs = clock.monotonicMs()
    if (kept === null || nowMs - kept.atMs >= keptMs) kept = { value: sumUp(softwareHere(database)), atMs: nowMs }
    return ok(kept.value)
  }
}

/** One line for each version of a program, those of most workers first. A worker with two of a version counts once. */
function sumUp(groups: readonly { programs: readonly FoundProgram[]; workers: number }[]): NetworkSoftware {
  const lines = new Map<string, { kind: string; version: string; workers: number; words: Record<Words, Set<string>> }>()
  for (const { programs, workers } of groups) {
    const seen = new Set<string>()
    for (const program of programs) {
      const key = `${program.kind}\n${program.version}`
      const line = lines.get(key) ?? {
        ...{ kind: program.kind, version: program.version, workers: 0 },
        words: { engines: new Set<string>(), devices: new Set<string>(), denoisers: new Set<string>() },
      }
      lines.set(key, line)
      for (const name of wordLists) for (const word of program[name]) line.words[name].add(word)
      if (!seen.has(key)) line.workers += workers
      seen.add(key)
    }
  }
  const programs = [...lines.values()]
    .sort((a, b) => b.workers - a.workers || (`${a.kind} ${a.version}` < `${b.kind} ${b.version}` ? -1 : 1))
    .slice(0, mostLines)
    .map(({ words, ...line }) => ({
      ...line,
      ...{ engines: [...words.engines].sort(), devices: [...words.devices].sort(), denoisers: [...words.denoisers].sort() },
    }))
  return { programs, workers: groups.reduce((sum, { workers }) => sum + workers, 0) }
}
const wordLists = ['engines', 'devices', 'denoisers'] as const
type Words = (typeof wordLists)[number]
