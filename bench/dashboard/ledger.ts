import type { Page } from '@playwright/test'
import { serverClient } from '../../desktop/launch/serverClient.ts'
import { earningSchema } from '../../shared/collections/earning.schema.ts'
import { isSelfRender } from '../../shared/rules/ledgerTotals.ts'
import type { BenchFarm } from './farm.ts'

/** What the overview says was earned, in micro-PICTOR. */
export interface OverviewFigures {
  /** From the network and no longer pending, booked in the last 30 UTC days. */
  finalMicro: bigint
  /** From the network, whenever it was booked. */
  pendingMicro: bigint
  /** For the owner's own jobs, in the last 30 UTC days. */
  selfMicro: bigint
}

const dayMs = 86_400_000
const shownDays = 30
const pageRows = 1_000
const figureIds = { finalMicro: 'figure-earned', pendingMicro: 'figure-pending', selfMicro: 'figure-self' } as const

/**
 * The same figures added up entry by entry: every entry of the ledger is read over HTTP, newest first, and none of the server's own sums is asked.
 * @returns the figures and how many entries there are
 */
export async function sumLedger(farm: BenchFarm): Promise<OverviewFigures & { entries: number }> {
  const client = serverClient(farm.url, farm.token)
  const sums = { finalMicro: 0n, pendingMicro: 0n, selfMicro: 0n, entries: 0 }
  const firstMs = (Math.floor(Date.now() / dayMs) - shownDays + 1) * dayMs
  for (let before: { at: number; id: string } | null = null; ;) {
    const page = await client.call('documents.page', { collection: 'earnings', limit: pageRows, ...(before === null ? {} : { before }) })
    for (const raw of page.documents) {
      const entry = earningSchema.parse(raw)
      const net = BigInt(entry.netMicro)
      sums.entries += 1
      before = { at: entry.createdAt, id: entry.id }
      if (entry.state === 'reversed') continue
      const isShown = entry.createdAt >= firstMs
      if (isSelfRender(entry)) sums.selfMicro += isShown ? net : 0n
      else if (entry.state === 'pending') sums.pendingMicro += net
      else sums.finalMicro += isShown ? net : 0n
    }
    if (!page.more || page.documents.length === 0) return sums
  }
}

/** What stands on the overview, to the last micro-PICTOR: each figure says its exact amount where it is explained. */
export async function overviewFigures(page: Page): Promise<OverviewFigures> {
  const read = async (testId: string): Promise<bigint> => {
    const text = await page.getByTestId(testId).locator('[role="tooltip"]').textContent()
    const digits = /Exactly (-?[\d,]+\.\d{6}) PICTOR/.exec(text ?? '')?.[1]
    if (digits === undefined) throw new Error(`the overview's ${testId} says no exact amount: ${text}`)
    return BigInt(digits.replace(/[,.]/g, ''))
  }
  return {
    finalMicro: await read(figureIds.finalMicro),
    pendingMicro: await read(figureIds.pendingMicro),
    selfMicro: await read(figureIds.selfMicro),
  }
}
