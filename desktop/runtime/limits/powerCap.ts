import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'
import { allPower, nvidiaPower, sysfsPower, type CardPower, type PowerMeans } from './powerMeans.ts'

const fact = 'powerLimitsBefore'
/** Between two frames or tasks the cap stays. */
const restoreAfterMs = 30_000

/** Caps the power of cards while something is rendered, and puts back what was there. Needs the rights of an administrator. */
export interface PowerCap {
  set(percent: number | undefined, rendering: boolean): void
  state(): NodeDocument['powerCap'] | undefined
  onChange(listener: () => void): () => void
  /** Puts everything back. */
  stop(): Promise<void>
}

export interface PowerCapOptions {
  local: Pick<LocalDatabase, 'readFact' | 'writeFact'>
  clock: Clock
  log: Logger
  /** For tests; default: those of all vendors here. */
  means?: PowerMeans
}

/** What a share of the usual limit is on this card: never outside of what it allows. */
export const cappedW = ({ defaultW, leastW, mostW }: CardPower, percent: number): number =>
  Math.round(Math.min(mostW, Math.max(leastW, (defaultW * percent) / 100)))

export function createPowerCap({ local, clock, log, means = allPower([nvidiaPower(), sysfsPower()]) }: PowerCapOptions): PowerCap {
  const listeners = new Set<() => void>()
  let before = readBefore(local.readFact(fact))
  let wanted: number | null = null
  let applied: number | null = null
  let state: NodeDocument['powerCap'] | undefined
  let cancel = () => undefined as void
  let turn: Promise<void> = Promise.resolve()

  const become = (next: typeof state) => {
    if (JSON.stringify(next) === JSON.stringify(state)) return
    state = next
    listeners.forEach((listener) => listener())
  }
  const remember = (next: Record<string, number>) => {
    before = next
    local.writeFact(fact, JSON.stringify(next))
  }
  const restore = async () => {
    for (const [uuid, watts] of Object.entries(before)) {
      await means.limit(uuid, watts)
      const { [uuid]: _done, ...rest } = before
      remember(rest)
    }
  }
  const apply = async () => {
    if (wanted === applied) return
    try {
      if (wanted === null) await restore()
      else {
        const cards = await means.list()
        if (cards.length === 0) return become({ state: 'unsupported' })
        // On the disk first: after a power cut the next start puts them back.
        remember({ ...Object.fromEntries(cards.map(({ uuid, limitW }) => [uuid, limitW])), ...before })
        for (const card of cards) await means.limit(card.uuid, cappedW(card, wanted))
        become({ state: 'set' })
      }
      applied = wanted
    } catch (error) {
      const reason = reasonOf(error)
      log.warn('the power of a card could not be capped', { reason })
      applied = wanted
      if (wanted !== null) {
        remember({})
        become({ state: /permission|root|insufficient|EACCES|EPERM|EROFS/i.test(reason) ? 'notAllowed' : 'unsupported', reason })
      }
    }
  }
  const inTurn = () => (turn = turn.then(apply))
  // What an earlier start left behind goes back before anything else.
  if (Object.keys(before).length > 0)
    turn = restore().catch((error: unknown) => log.warn('a power limit was not put back', { reason: reasonOf(error) }))
  return {
    set(percent, rendering) {
      cancel()
      if (percent === undefined) become(undefined)
      if (percent !== undefined && rendering) {
        wanted = percent
        void inTurn()
      } else if (wanted !== null)
        cancel = clock.after(percent === undefined ? 0 : restoreAfterMs, () => {
          wanted = null
          void inTurn()
        })
    },
    state: () => state,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async stop() {
      cancel()
      wanted = null
      await inTurn()
    },
  }
}

/** The tool says why on its output, not in the error. */
function reasonOf(error: unknown): string {
  const said = error instanceof Error && 'stdout' in error ? String(error.stdout).trim() : ''
  return (said === '' ? String(error) : said).slice(0, 200)
}

function readBefore(text: string | null): Record<string, number> {
  if (text === null || text === '') return {}
  const parsed: unknown = JSON.parse(text)
  if (typeof parsed !== 'object' || parsed === null) return {}
  return Object.fromEntries(Object.entries(parsed).filter((entry): entry is [string, number] => typeof entry[1] === 'number'))
}
