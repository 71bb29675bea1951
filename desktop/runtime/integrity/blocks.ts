import { z } from 'zod'
import { blockSchema, type Block } from '#shared/collections/node.schema.ts'
import type { Worker } from '#shared/collections/worker.schema.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { Clock } from '#shared/log.ts'
import { blockedUntil, type IntegrityVerdict } from '#shared/rules/integrity.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'

/** The blocks of this node with their evidence: durable, so that a restart ends none, and ended by time alone. */
export interface Blocks {
  /** Newest first, also those that are over. */
  list(): readonly Block[]
  current(): Block | null
  /** Why no work of the network is done here now. */
  refusal(): AppError | null
  begin(verdict: IntegrityVerdict): Block
  /** The owner may contest one in the worker's document; it is recorded and ends nothing. */
  setWanted(worker: Worker | null): void
  onChange(listener: () => void): () => void
  /** The server's time was set anew: ends are looked at again. */
  timeMoved(): void
  stop(): void
}

const fact = 'blocks'
const kept = 20

export interface BlocksOptions {
  local: Pick<LocalDatabase, 'readFact' | 'writeFact'>
  clock: Clock
  serverNow: () => number
}

export function openBlocks({ local, clock, serverNow }: BlocksOptions): Blocks {
  const listeners = new Set<() => void>()
  let blocks = z.array(blockSchema).parse(JSON.parse(local.readFact(fact) ?? '[]'))
  let cancel = () => undefined as void
  const current = () => blocks.find(({ since, until }) => since <= serverNow() && serverNow() < until) ?? null
  /** Longest wait of a timer; what is left is waited for again. */
  const dayMs = 86_400_000
  const follow = () => {
    cancel()
    const block = current()
    if (block !== null) cancel = clock.after(Math.min(dayMs, block.until - serverNow() + 1), tell)
  }
  function tell(): void {
    follow()
    for (const listener of [...listeners]) listener()
  }
  const keep = (next: readonly Block[]) => {
    blocks = next.slice(0, kept)
    local.writeFact(fact, JSON.stringify(blocks))
    tell()
  }
  follow()
  return {
    list: () => blocks,
    current,
    refusal: () => (current() === null ? null : appError('NODE_BLOCKED')),
    begin({ code, evidence }) {
      const since = Math.round(serverNow())
      const block: Block = { code, since, until: Math.round(blockedUntil(blocks, since)), evidence }
      keep([block, ...blocks])
      return block
    },
    setWanted(worker) {
      const contest = worker?.wanted.contest
      const contested = blocks.find(({ since, contestedAt }) => since === contest?.blockSince && contestedAt === undefined)
      if (contest === undefined || contested === undefined) return
      keep(blocks.map((block) => (block === contested ? { ...block, contestedAt: contest.at } : block)))
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    timeMoved: tell,
    stop: () => cancel(),
  }
}
