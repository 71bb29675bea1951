import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import type { GatewayInput } from '#shared/api/gatewayCalls.ts'
import type { Earning } from '#shared/collections/earning.schema.ts'
import { addToTotals, noLedgerTotals, partOfEntry, type LedgerTotals } from '#shared/rules/ledgerTotals.ts'
import { createRandom } from '#shared/seededRandom.ts'
import type { Change } from '../projection/projection.ts'
import { openTestProjection, type TestProjection } from '../testing/openTestProjection.ts'
import { coverDays, dayMs, openedSpan, wholeUnits } from './ledgerBlocks.ts'
import { ledgerGroups } from './ledgerGroups.ts'
import { ledgerProjector, ledgerSums } from './ledgerProjector.ts'

const opened: TestProjection[] = []
afterEach(() => {
  for (const at of opened.splice(0)) at.remove()
})
const ownerId = 'owner-1'

function open(): TestProjection {
  const at = openTestProjection({ ownerId, collection: 'earnings' })
  opened.push(at)
  at.projection.registerProjector(ledgerProjector)
  return at
}

/** A ledger that many hands wrote: what stands of it in the end, and the changes that led there. */
function writeLedger(at: TestProjection, seed: number, changes: number): Map<string, Earning> {
  const random = createRandom(seed)
  const standing = new Map<string, Earning>()
  // Around the ends of days and of blocks of days, and over more than the longest block.
  const firstMs = (20_480 - 70) * dayMs
  const timeOf = () => firstMs + random.whole(640) * dayMs + random.pick([0, -1, 1, 900_000, random.whole(dayMs)])
  const made = (): Earning => {
    const netMicro = random.whole(9) === 0 ? 2 ** 50 + random.whole(1_000) : random.whole(9_000)
    const kind = random.pick(['network', 'network', 'selfRender', 'correction'] as const)
    const createdAt = timeOf()
    return {
      ...{ id: `t${random.letters(6)}:network`, ownerId, updatedAt: 1, nodeId: `node-${random.whole(7)}`, taskId: 'task', jobName: 'Job' },
      ...{ jobId: `job-${random.whole(9)}`, kind, frames: random.whole(5), grossMicro: netMicro + 1, feeMicro: 1, netMicro },
      ...{ state: random.pick(['pending', 'final', 'paid', 'reversed'] as const), createdAt, stateChangedAt: createdAt },
      ...(kind === 'correction' ? { ledgerKind: random.pick(['network', 'selfRender']) } : {}),
    }
  }
  const revs = new Map<string, number>()
  const change = (id: string, document: Earning | null): Change => {
    const rev = (revs.get(id) ?? 0) + 1
    revs.set(id, rev)
    if (document === null) standing.delete(id)
    else standing.set(id, document)
    return { id, rev: `${rev}-a`, document, body: JSON.stringify(document) } as Change
  }
  let batch: Change[] = []
  for (let done = 0; done < changes; done += 1) {
    const [some] = standing.size === 0 ? [] : [[...standing.values()][random.whole(standing.size)]]
    const drawn = random.whole(10)
    if (some === undefined || drawn < 5) {
      const entry = made()
      batch.push(change(entry.id, entry))
    } else if (drawn === 5) batch.push(change(some.id, null))
    else batch.push(change(some.id, { ...some, state: random.pick(['final', 'paid', 'reversed'] as const), updatedAt: done }))
    if (random.whole(4) > 0) continue
    at.projection.apply(at.database, batch)
    // Heard of again by the change feed.
    if (random.whole(3) === 0) at.projection.apply(at.database, batch, { feedSeq: String(done) })
    batch = []
  }
  at.projection.apply(at.database, batch)
  return standing
}

const fits = (entry: Earning, filter: GatewayInput<'earnings.sums'>['filter']): boolean =>
  entry.createdAt >= (filter.fromMs ?? 0) &&
  entry.createdAt < (filter.toMs ?? Infinity) &&
  (['nodeId', 'jobId', 'kind', 'state'] as const).every((field) => filter[field] === undefined || entry[field] === filter[field])

const kathmandu = (ms: number): string => new Date(ms + 20_700_000).toISOString().slice(0, 10)
const keyOf = {
  all: () => '',
  day: (entry: Earning) => kathmandu(entry.createdAt),
  worker: (entry: Earning) => entry.nodeId,
  job: (entry: Earning) => entry.jobId,
}

test('sums are those of the entries that stand, after additions, changes, reversals and deletions, for any filter and grouping, in however many turns', async () => {
  let groupsSeen = 0
  for (const seed of [1, 2, 3]) {
    const at = open()
    const standing = [...writeLedger(at, seed, 900).values()]
    expect(standing.length).toBeGreaterThan(200)
    const times = standing.map(({ createdAt }) => createdAt)
    const random = createRandom(seed + 100)
    const optional = <Value>(value: () => Value): Value | undefined => (random.whole(3) === 0 ? value() : undefined)
    const someTime = () => random.pick([random.pick(times), random.pick(times) + 1, Math.floor(random.pick(times) / dayMs) * dayMs, 0])
    for (let round = 0; round < 120; round += 1) {
      const drawn = {
        ...{ fromMs: optional(someTime), toMs: optional(someTime), nodeId: optional(() => `node-${random.whole(9)}`) },
        ...{
          jobId: optional(() => `job-${random.whole(9)}`),
          kind: optional(() => random.pick(['network', 'selfRender', 'correction'] as const)),
        },
        state: optional(() => random.pick(['pending', 'final', 'paid', 'reversed'] as const)),
      }
      // Safe: what is undefined was left out.
      const filter = Object.fromEntries(
        Object.entries(drawn).filter(([, value]) => value !== undefined),
      ) as GatewayInput<'earnings.sums'>['filter']
      for (const by of ['all', 'day', 'worker', 'job'] as const) {
        const wanted = new Map<string, LedgerTotals>()
        for (const entry of standing.filter((one) => fits(one, filter))) {
          const key = keyOf[by](entry)
          const totals = wanted.get(key) ?? noLedgerTotals()
          wanted.set(key, totals)
          addToTotals(totals, partOfEntry(entry))
        }
        const { groups, more } = await ledgerGroups(
          at.projection.database,
          ownerId,
          { filter, by, zone: 'Asia/Kathmandu' },
          random.pick([1, 7, 90, 5_000]),
        )
        expect(more).toBe(false)
        expect(new Map(groups.map(({ key, ...totals }) => [key, totals])), `${seed} ${by} ${JSON.stringify(filter)}`).toEqual(wanted)
        groupsSeen += groups.length
      }
    }
    const sums = ledgerSums(at.projection.database, ownerId)
    for (const state of ['pending', 'final', 'paid', 'reversed'] as const)
      for (const isSelf of [false, true]) {
        const entries = standing.filter((entry) => entry.state === state && partOfEntry(entry).isSelfRender === isSelf)
        const of = sums.filter((sum) => sum.state === state && sum.kind === (isSelf ? 'selfRender' : 'network'))
        expect(new Set(of.map(({ day }) => day))).toEqual(
          new Set(entries.map(({ createdAt }) => new Date(createdAt).toISOString().slice(0, 10))),
        )
        expect(of.reduce((sum, { netMicro }) => sum + BigInt(netMicro), 0n)).toBe(
          entries.reduce((sum, { netMicro }) => sum + BigInt(netMicro), 0n),
        )
      }
  }
  expect(groupsSeen).toBeGreaterThan(1_000)
})

test('sums kept by difference are those that a rebuild makes, and of a ledger that went nothing is left', () => {
  const at = open()
  const standing = writeLedger(at, 4, 700)
  const again = open()
  const all = [...standing.values()].map(
    (document): Change => ({ id: document.id, rev: '1-a', document, body: JSON.stringify(document) }) as Change,
  )
  again.projection.apply(again.database, all.toReversed())
  const rows = ({ projection: { database } }: TestProjection, table: string) => database.prepare(`SELECT * FROM ${table}`).all()
  for (const table of ledgerProjector.tables) expect(rows(at, table)).toEqual(rows(again, table))
  again.projection.apply(
    again.database,
    all.map(({ id }) => ({ id, rev: '2-a', document: null, body: '' })),
  )
  for (const table of ledgerProjector.tables) expect(rows(again, table)).toEqual([])
})

test('blocks cover a span of days once, and few are enough', () => {
  fc.assert(
    fc.property(fc.nat(30_000), fc.nat(4_000), (first, days) => {
      const covered: number[] = []
      const ranges = coverDays({ fromMs: first * dayMs, toMs: (first + days) * dayMs })
      let blocks = 0
      for (const { level, from, to } of ranges) {
        blocks += to - from
        for (let day = from * 8 ** level; day < to * 8 ** level; day += 1) covered.push(day)
      }
      expect(covered.toSorted((a, b) => a - b)).toEqual(Array.from({ length: days }, (_, index) => first + index))
      expect(blocks).toBeLessThanOrEqual(6 * 7 + Math.ceil(days / 512))
    }),
    { numRuns: 300 },
  )
})

test('a span beyond everything there is needs only the longest blocks', () => {
  const [oldest, newest] = [20_000.3 * dayMs, 20_700.9 * dayMs]
  const { whole, rest } = wholeUnits(openedSpan({ fromMs: 19_000.5 * dayMs, toMs: Number.MAX_SAFE_INTEGER }, oldest, newest), dayMs)
  expect(rest).toEqual([])
  expect(coverDays(whole ?? { fromMs: 0, toMs: 0 }).map(({ level }) => level)).toEqual([3])
  expect(wholeUnits({ fromMs: 5, toMs: 9 }, dayMs)).toEqual({ whole: null, rest: [{ fromMs: 5, toMs: 9 }] })
  expect(wholeUnits({ fromMs: 9, toMs: 9 }, dayMs)).toEqual({ whole: null, rest: [] })
  expect(wholeUnits({ fromMs: dayMs - 1, toMs: 2 * dayMs + 1 }, dayMs).rest).toEqual([
    { fromMs: dayMs - 1, toMs: dayMs },
    { fromMs: 2 * dayMs, toMs: 2 * dayMs + 1 },
  ])
})
