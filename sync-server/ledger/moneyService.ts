import { durations } from '#shared/durations.ts'
import { ok } from '#shared/result.ts'
import type { GatewayContext, GatewayService } from '../gatewayContext.ts'
import { createPeriodic } from '../upkeep/periodic.ts'
import { finaliseEarnings } from './finalise.ts'
import { createPayouts } from './payouts.ts'

/** Carries entries of the network's ledger from pending to final, and, told by the operator what was transferred, to paid. */
export function createMoneyService({ store, projection, calls, ages, clock, log }: GatewayContext): GatewayService {
  const periodic = createPeriodic(clock, log.child('money'))
  const payouts = createPayouts({ store, database: projection.database, clock })
  calls.register({
    'payouts.list': async () => ok({ payouts: await payouts.list() }),
    'payouts.prepare': async (_session, { leastMicro }) => ok(await payouts.prepare(leastMicro ?? 0)),
    'payouts.paid': (_session, { payoutId, reference }) => payouts.paid(payoutId, reference),
    'payouts.drop': (_session, { payoutId }) => payouts.drop(payoutId),
    'earnings.reverse': (_session, { ownerId, entryId, reason }) => payouts.reverse(ownerId, entryId, reason),
  })
  async function look(): Promise<void> {
    await payouts.finish()
    // A clock that runs ahead would make final what can still be taken back.
    if (!(await ages.areAgesTrue())) return
    const entries = await finaliseEarnings(store, projection.database, clock.now())
    if (entries > 0) log.info('entries of the ledger are final', { entries })
  }
  return {
    name: 'money',
    async start() {
      periodic.every(durations.finaliseIntervalMs, look)
    },
    stop: () => periodic.stop(),
  }
}
