import { durations } from '#shared/durations.ts'
import type { GatewayContext, GatewayService } from '../gatewayContext.ts'
import { createPeriodic } from './periodic.ts'
import { sweepPrivate } from './sweepPrivate.ts'

/** Throws away once an hour what is over: sessions and tokens, and logs that nobody appended to for 30 days. Not while the clock may be wrong. */
export function createUpkeep({ store, series, ages, clock, log }: GatewayContext): GatewayService {
  const periodic = createPeriodic(clock, log.child('upkeep'))
  async function tidy(): Promise<void> {
    if (!(await ages.areAgesTrue())) return
    const tokens = await sweepPrivate(store, clock.now())
    const seriesDropped = await series.dropOlderThan(clock.now() - durations.seriesKeptMs)
    if (tokens + seriesDropped > 0) log.info('what was over is gone', { tokens, series: seriesDropped })
  }
  return {
    name: 'upkeep',
    async start() {
      periodic.every(durations.upkeepIntervalMs, tidy)
    },
    stop: () => periodic.stop(),
  }
}
