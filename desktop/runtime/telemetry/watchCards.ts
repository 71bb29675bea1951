import { stat } from 'node:fs/promises'
import type { Clock, Logger } from '#shared/log.ts'
import type { Inventory } from '../node/inventory.ts'

/** A card that goes is noticed within 5 s. */
const lookEveryMs = 2_000

type Card = Inventory['hardware']['gpus'][number]

export interface CardWatch {
  /** Cards of the inventory that are gone, by UUID. */
  lost(): ReadonlySet<string>
  onChange(listener: () => void): () => void
  stop(): void
}

export interface WatchCardsOptions {
  cards: readonly Card[]
  /** Cards that were measured and fell silent. */
  silent: () => readonly string[]
  clock: Clock
  log: Logger
  isThere?: (card: Card) => Promise<boolean>
}

/** Notices cards that go (driver crash, cable, power) and come back. Without cards nothing runs. */
export function watchCards({ cards, silent, clock, log, isThere = isOnBus }: WatchCardsOptions): CardWatch {
  const listeners = new Set<() => void>()
  let lost: ReadonlySet<string> = new Set()
  let stopped = false
  let cancel = () => undefined as void
  const look = async () => {
    const quiet = new Set(silent())
    const there = await Promise.all(cards.map(async (card) => !quiet.has(card.uuid) && (await isThere(card))))
    const next = new Set(cards.filter((_card, index) => there[index] === false).map(({ uuid }) => uuid))
    if (stopped) return
    cancel = clock.after(lookEveryMs, () => void look())
    const changed = next.size !== lost.size || [...next].some((uuid) => !lost.has(uuid))
    if (!changed) return
    for (const { uuid, name } of cards) {
      if (next.has(uuid) && !lost.has(uuid)) log.error('a graphics card is gone', { uuid, name })
      if (lost.has(uuid) && !next.has(uuid)) log.info('a graphics card is back', { uuid, name })
    }
    lost = next
    listeners.forEach((listener) => listener())
  }
  if (cards.length > 0) cancel = clock.after(lookEveryMs, () => void look())
  return {
    lost: () => lost,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop() {
      stopped = true
      cancel()
    },
  }
}

/** Linux lists what is on the bus. Where the address is not known, or on another system, only silence tells. */
async function isOnBus({ pciBus, uuid }: Card): Promise<boolean> {
  const address = sysfsAddress(pciBus ?? uuid)
  if (process.platform !== 'linux' || address === null) return true
  return stat(`/sys/bus/pci/devices/${address}`).then(
    () => true,
    () => false,
  )
}

/** NVIDIA writes `00000000:01:00.0`, others `01:00.0`; the system `0000:01:00.0`. null for what is no address. */
export function sysfsAddress(text: string): string | null {
  const [, domain = '0000', rest] = /^(?:[0-9a-f]*?([0-9a-f]{4}):)?([0-9a-f]{2}:[0-9a-f]{2}\.[0-7])$/i.exec(text) ?? []
  return rest === undefined ? null : `${domain}:${rest}`.toLowerCase()
}
