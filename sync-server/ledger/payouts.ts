import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { PayoutSummary } from '#shared/api/gatewayCalls.ts'
import type { Earning } from '#shared/collections/earning.schema.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { Clock } from '#shared/log.ts'
import { microFromDocument } from '#shared/money.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { statementsOf } from '../jobs/statementsOf.ts'
import { tell } from '../notices/notices.ts'
import type { DocumentStore } from '../store/documentStore.ts'

/** So many entries go into one payout; what is left goes into the owner's next one. */
const mostEntries = 10_000
const batch = 100
const idPrefix = 'payout.'

/**
 * What is to be paid to one owner, in the private database `server`: fixed when it is made, so that what is transferred, what is marked and what
 * is told are the same. Its id counts the owner's payouts, so that two gateways cannot make two of the same entries.
 *
 *   open ─► paid (reference) ─► settled (every entry says so)
 *     └──► dropped
 */
type Payout = {
  id: string
  ownerId: string
  wallet: string
  state: 'open' | 'paid' | 'settled' | 'dropped'
  netMicro: number
  entryIds: string[]
  createdAt: number
  reference?: string
  paidAt?: number
}

export interface Payouts {
  list(): Promise<PayoutSummary[]>
  /** One for each owner with final entries worth at least `leastMicro` and a wallet; an owner's open one is given again as it is. */
  prepare(leastMicro: number): Promise<{ payouts: PayoutSummary[]; withoutWallet: { ownerId: string; netMicro: number }[] }>
  /** It was transferred. Repeating it with the same reference changes nothing. Errors: NOT_FOUND, PAYOUT_CLOSED. */
  paid(payoutId: string, reference: string): Promise<Result<PayoutSummary>>
  /** It will not be: its entries wait for the next one. Errors: NOT_FOUND, PAYOUT_CLOSED. */
  drop(payoutId: string): Promise<Result<PayoutSummary>>
  /** Takes an entry back that was not paid. Errors: NOT_FOUND, EARNING_CLOSED, PAYOUT_OPEN. */
  reverse(ownerId: string, entryId: string, reason: string): Promise<Result<Earning>>
  /** Ends what a crash cut off between a payout and its entries. */
  finish(): Promise<void>
}

export function createPayouts({ store, database, clock }: { store: DocumentStore; database: DatabaseSync; clock: Clock }): Payouts {
  async function all(): Promise<Payout[]> {
    const found: Payout[] = []
    await store.scanPrivate<Payout>('server', (page) => {
      for (const { document } of page) if (document.id.startsWith(idPrefix)) found.push(document)
    })
    return found.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  }

  async function owed(ownerId: string): Promise<{ entryIds: string[]; netMicro: number }> {
    const entryIds: string[] = []
    let net = 0n
    const lines = statementsOf(database, makeStatements).owed.all(ownerId, mostEntries) as unknown as { id: string }[]
    for (let from = 0; from < lines.length; from += batch) {
      const page = await Promise.all(lines.slice(from, from + batch).map(({ id }) => store.read(ownerId, 'earnings', id)))
      for (const stored of page) {
        if (stored?.document.state !== 'final') continue
        const next = net + microFromDocument(stored.document.netMicro)
        if (next > BigInt(Number.MAX_SAFE_INTEGER)) return { entryIds, netMicro: Number(net) }
        entryIds.push(stored.document.id)
        net = next
      }
    }
    return { entryIds, netMicro: Number(net) }
  }

  async function change(payoutId: string, next: (payout: Payout) => Payout | AppError): Promise<Result<Payout>> {
    let refusal: AppError | null = appError('NOT_FOUND')
    const after = await store.updatePrivate<Payout>('server', payoutId, (current) => {
      if (!current?.id.startsWith(idPrefix)) return null
      const changed = next(current)
      refusal = 'code' in changed ? changed : null
      return refusal === null ? (changed as Payout) : null
    })
    return refusal !== null || after === null ? err(refusal ?? appError('NOT_FOUND')) : ok(after)
  }

  /** Idempotent: run again after any cut. */
  async function settle(payout: Payout): Promise<void> {
    const { ownerId, reference = '', paidAt = clock.now(), entryIds } = payout
    for (let from = 0; from < entryIds.length; from += batch)
      await Promise.all(
        entryIds
          .slice(from, from + batch)
          .map((id) =>
            store.update(ownerId, 'earnings', id, (current) =>
              current?.state === 'final'
                ? { ...current, state: 'paid', stateChangedAt: paidAt, updatedAt: clock.now(), reason: reference }
                : null,
            ),
          ),
      )
    await tell(store, {
      ...{ ownerId, code: 'PAYOUT', event: payout.id.slice(idPrefix.length), at: paidAt },
      details: { netMicro: payout.netMicro, reference },
    })
    await change(payout.id, (current) => ({ ...current, state: 'settled' }))
  }

  return {
    list: async () => (await all()).map(summary),
    async prepare(leastMicro) {
      const before = await all()
      const payouts: PayoutSummary[] = []
      const withoutWallet: { ownerId: string; netMicro: number }[] = []
      for (const ownerId of await store.owners()) {
        const own = before.filter((payout) => payout.ownerId === ownerId)
        const open = own.find(({ state }) => state === 'open' || state === 'paid')
        if (open !== undefined) {
          payouts.push(summary(open))
          continue
        }
        const { entryIds, netMicro } = await owed(ownerId)
        if (netMicro <= 0 || netMicro < leastMicro) continue
        const wallet = (await store.read(ownerId, 'profile', ownerId))?.document.walletAddress ?? ''
        if (wallet === '') {
          withoutWallet.push({ ownerId, netMicro })
          continue
        }
        const id = `${idPrefix}${ownerId}.${own.length + 1}`
        const payout: Payout = { id, ownerId, wallet, state: 'open', netMicro, entryIds, createdAt: clock.now() }
        const [outcome] = await store.writePrivate<Payout>('server', [{ document: payout, rev: null }])
        if (outcome?.written === true) payouts.push(summary(payout))
        // Another gateway made it in the same moment.
        else if (outcome?.current) payouts.push(summary(outcome.current.document))
      }
      return { payouts, withoutWallet }
    },
    async paid(payoutId, reference) {
      const changed = await change(payoutId, (payout) => {
        if (payout.state === 'open') return { ...payout, state: 'paid', reference, paidAt: clock.now() }
        const isRepeated = payout.reference === reference && payout.state !== 'dropped'
        return isRepeated ? payout : appError('PAYOUT_CLOSED', { payoutId, state: payout.state })
      })
      if (!changed.ok) return changed
      if (changed.value.state === 'paid') await settle(changed.value)
      return ok({ ...summary(changed.value), state: 'settled' })
    },
    async drop(payoutId) {
      const changed = await change(payoutId, (payout) =>
        payout.state === 'open' ? { ...payout, state: 'dropped' } : appError('PAYOUT_CLOSED', { payoutId, state: payout.state }),
      )
      return changed.ok ? ok(summary(changed.value)) : changed
    },
    async reverse(ownerId, entryId, reason) {
      const inPayout = (await all()).find(
        (payout) => payout.ownerId === ownerId && payout.state === 'open' && payout.entryIds.includes(entryId),
      )
      if (inPayout !== undefined) return err(appError('PAYOUT_OPEN', { payoutId: inPayout.id }))
      let refusal: AppError | null = appError('NOT_FOUND')
      const after = await store.update(ownerId, 'earnings', entryId, (current) => {
        if (current === null) return null
        const isOpen = current.state === 'pending' || current.state === 'final'
        refusal = isOpen ? null : appError('EARNING_CLOSED', { state: current.state })
        const at = clock.now()
        return isOpen ? { ...current, state: 'reversed', stateChangedAt: at, updatedAt: at, reason } : null
      })
      return refusal !== null || after === null ? err(refusal ?? appError('NOT_FOUND')) : ok(after)
    },
    async finish() {
      for (const payout of await all()) if (payout.state === 'paid') await settle(payout)
    },
  }
}

const summary = ({ id, ownerId, wallet, state, netMicro, entryIds, createdAt, reference, paidAt }: Payout): PayoutSummary => ({
  ...{ payoutId: id, ownerId, wallet, state, netMicro, entries: entryIds.length, createdAt },
  ...(reference === undefined ? {} : { reference }),
  ...(paidAt === undefined ? {} : { paidAt }),
})

function makeStatements(database: DatabaseSync): Record<'owed', StatementSync> {
  return {
    // The states are said twice: the first time as the index says them, so that it is taken.
    owed: database.prepare(`
      SELECT id FROM ledger_lines INDEXED BY ledger_lines_owed
      WHERE self = 0 AND state IN ('pending', 'final') AND state = 'final' AND owner_id = ? ORDER BY at LIMIT ?`),
  }
}
