import { durations } from '#shared/durations.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { SyncClient } from '#shared/sync/client.ts'
import { limits } from '#shared/sync/protocol.ts'
import type { LocalSeries, Shipping } from './localSeries.ts'

/** In bytes; a chunk's length is limited in characters, of which there are never more. */
const chunkBytes = limits.seriesChunkBytes

/**
 * Sends local series to the gateway, in order, each from the offset the gateway has. Nothing is lost or doubled over crashes on
 * either side: the gateway answers a wrong offset with its own, and we go on from there.
 */
export function createSeriesShipper({
  series,
  client,
  clock,
  log,
}: {
  series: LocalSeries
  client: SyncClient
  clock: Clock
  log: Logger
}) {
  const offs: (() => void)[] = []
  let cancelTimer: (() => void) | null = null
  let running: Promise<void> | null = null
  let stopped = false

  function soon(delayMs: number): void {
    if (stopped || cancelTimer !== null) return
    cancelTimer = clock.after(delayMs, () => {
      cancelTimer = null
      running ??= shipAll().finally(() => (running = null))
    })
  }
  async function shipAll(): Promise<void> {
    await series.flush()
    for (const entry of series.unshipped()) {
      if (stopped || client.state().name !== 'live') return
      const done = await ship(entry).catch((thrown: unknown) => {
        log.warn('a series could not be shipped', { series: entry.series, reason: String(thrown) })
        return false
      })
      if (!done) return soon(durations.replicationRetryMs)
    }
    // What was appended meanwhile shows up as unshipped again.
    if (series.unshipped().length > 0) soon(durations.seriesShipMs)
  }

  async function ship({ series: name, shipped, skew }: Shipping): Promise<boolean> {
    let from = shipped
    let shift = skew
    for (let corrections = 0; ;) {
      if (stopped) return false
      const chunk = await series.readForShipping(name, from, chunkBytes)
      if (chunk.text === '') {
        series.setShipped(name, from, shift)
        return true
      }
      const reply = await client.seriesAppend({ series: name, offset: from + shift, text: chunk.text })
      if (!reply.ok) {
        if (reply.error.code === 'SERVER_UNREACHABLE' || reply.error.code === 'TIMED_OUT' || reply.error.code === 'BUSY') return false
        // It will never be taken: the series stays here, readable on this computer.
        log.warn('a series was refused', { series: name, code: reply.error.code })
        series.setShipped(name, chunk.size, shift)
        return true
      }
      const at = reply.value.offset - shift
      if (at === chunk.end) {
        from = at
        corrections = 0
        continue
      }
      if (++corrections > 3) return false
      if (at < 0 || at > chunk.size) {
        // The gateway has more than we (our file was lost) or begins elsewhere: what is here goes on behind what is there.
        shift = reply.value.offset - from
        series.setShipped(name, from, shift)
      } else from = at
    }
  }

  return {
    start(): void {
      offs.push(series.onAppend(() => soon(durations.seriesShipMs)))
      offs.push(client.onState((state) => (state.name === 'live' ? soon(0) : undefined)))
      soon(0)
    },
    async stop(): Promise<void> {
      stopped = true
      for (const off of offs.splice(0)) off()
      cancelTimer?.()
      await running
    },
  }
}
