import type { GatewayCallName, GatewayInput } from '../../shared/api/gatewayCalls.ts'
import { collectionNames, type CollectionName } from '../../shared/collections/collections.ts'
import { dashboardWindows } from '../../shared/sync/windows.ts'

/** Asks the gateway, and gives back the text it answered with, so that nothing of the time is spent on reading it. */
export type AskText = (path: string, body: object) => Promise<string>

export interface Question {
  what: string
  ask(text: AskText): Promise<unknown>
}

/** Whom and what is asked about: one that is there. */
export interface Asked {
  nodeId: string
  jobId: string
  nowMs: number
}

const dayMs = 86_400_000
const zone = 'Asia/Ho_Chi_Minh'
const rowsOfPull = 2_000
const rowsOfPage = 1_000
const paged = ['tasks', 'runs', 'earnings', 'jobs', 'jobStates', 'notices', 'rollups'] as const

/** Every question that a page of the dashboard puts to the gateway, as it puts it. */
export function questions({ nodeId, jobId, nowMs }: Asked): Question[] {
  const day = (days: number): string => new Date(nowMs + days * dayMs).toISOString().slice(0, 10)
  /** A day of the zone, seven hours before that of UTC. */
  const zoneDay = (days: number): number => (Math.floor(nowMs / dayMs) + days) * dayMs - 7 * 3_600_000
  const call = <Name extends GatewayCallName>(name: Name, input: GatewayInput<Name>, what = ''): Question => ({
    what: what === '' ? name : `${name} ${what}`,
    ask: (text) => text(`/api/call/${name}`, input),
  })
  const sums = (filter: GatewayInput<'earnings.sums'>['filter'], by: GatewayInput<'earnings.sums'>['by'], what: string): Question =>
    call('earnings.sums', { filter, by, zone }, what)
  const groupings = ['all', 'day', 'worker', 'job'] as const
  return [
    ...collectionNames.map((collection) => pulled(collection)),
    call('earnings.totals', {}),
    ...groupings.map((by) => sums({}, by, `by ${by}`)),
    ...groupings.map((by) => sums({ fromMs: zoneDay(-20), toMs: zoneDay(-4) }, by, `of 16 days of a zone, by ${by}`)),
    ...groupings.map((by) => sums({ fromMs: zoneDay(-9), toMs: zoneDay(-8) }, by, `of one day of a zone, by ${by}`)),
    ...groupings.map((by) => sums({ state: 'pending' }, by, `pending, by ${by}`)),
    ...groupings.map((by) => sums({ kind: 'selfRender' }, by, `of own jobs, by ${by}`)),
    ...groupings.map((by) => sums({ nodeId }, by, `of a worker, by ${by}`)),
    ...groupings.map((by) => sums({ jobId }, by, `of a job, by ${by}`)),
    call('fleet.totals', { fromDay: day(-29), toDay: day(0) }, '29 days'),
    call('fleet.totals', { fromDay: '2000-01-01', toDay: day(0) }, 'all'),
    ...(['worker', 'tag'] as const).flatMap((split) =>
      stretches(nowMs).map(([what, bounds]) =>
        call('fleet.activity', { measure: 'earnings', split, bounds, most: 9 }, `by ${split}, ${what}`),
      ),
    ),
    ...paged.map((collection) => call('documents.page', { collection, limit: rowsOfPage }, `${collection}`)),
    ...paged.map((collection) =>
      call('documents.page', { collection, before: { at: nowMs - 20 * dayMs, id: '~' }, limit: rowsOfPage }, `${collection}, 20 days back`),
    ),
    ...(['tasks', 'runs', 'earnings', 'notices', 'rollups'] as const).map((collection) =>
      call('documents.page', { collection, nodeId, limit: rowsOfPage }, `${collection} of a worker`),
    ),
    ...(['tasks', 'runs', 'earnings'] as const).map((collection) =>
      call('documents.page', { collection, jobId, limit: rowsOfPage }, `${collection} of a job`),
    ),
    ...(['jobs', 'jobStates'] as const).map((collection) =>
      call('documents.page', { collection, ids: [jobId], limit: 1 }, `${collection} by id`),
    ),
    call('network.software', {}),
    call('network.prices', {}),
    call('node.policy', {}),
    call('server.status', {}),
    call('account.get', {}),
    call('account.sessions', {}),
  ]
}

/** The stretches of a chart. */
function stretches(nowMs: number): (readonly [what: string, bounds: number[]])[] {
  const until = (endMs: number, count: number, stepMs: number): number[] =>
    Array.from({ length: count + 1 }, (_, index) => endMs - (count - index) * stepMs)
  const hourMs = 3_600_000
  const nextHour = (Math.floor(nowMs / hourMs) + 1) * hourMs
  const nextDay = (Math.floor(nowMs / dayMs) + 1) * dayMs
  return [
    ['24 hours', until(nextHour, 24, hourMs)],
    ['7 days', until(nextDay, 7, dayMs)],
    ['30 days', until(nextDay, 30, dayMs)],
    ['a year of weeks', until(nextDay, 52, 7 * dayMs)],
  ]
}

/** What a dashboard without anything pulls of a collection, page after page to its end. */
function pulled(collection: CollectionName): Question {
  return {
    what: `pull ${collection}, the whole ${dashboardWindows[collection] === undefined ? 'collection' : 'window'}`,
    async ask(text) {
      for (let checkpoint: unknown = null; ;) {
        const answer = await text('/sync/pull', { collection, checkpoint, limit: rowsOfPull, window: true })
        // The end of it says where the next page begins.
        const end = /"checkpoint":(\{[^}]*(?:\{[^}]*\}[^}]*)*\}|null),"more":(true|false)\}\}$/.exec(answer)
        if (end?.[1] === undefined) throw new Error(`${collection}: the answer to a pull is something else: ${answer.slice(-200)}`)
        checkpoint = JSON.parse(end[1])
        // As a client does: a page that is not full is the last, unless it says otherwise.
        if (end[2] === 'false') return
      }
    },
  }
}
