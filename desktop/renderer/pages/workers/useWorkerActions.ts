import { useI18n } from 'vue-i18n'
import type { Worker } from '#shared/collections/worker.schema.ts'
import { useData } from '../../data/dataLink.ts'
import { useFormat } from '../../format/useFormat.ts'
import { useToasts } from '../../frame/toasts.ts'
import { safeFileName, saveFile } from '../../ui/saveFile.ts'
import { asWish, pauseUntil, type PauseKind } from '../worker/usePause.ts'
import type { FleetRow } from './fleet.ts'
import { isHere } from './isHere.ts'
import { undoMs, useRemovals } from './removals.store.ts'
import { applyTags } from './tags.ts'

type Wanted = Worker['wanted']

/** What an owner does with one worker or with many: each change shows at once and travels when the line allows. */
export function useWorkerActions() {
  const { t } = useI18n()
  const data = useData()
  const toasts = useToasts()
  const format = useFormat()
  const removals = useRemovals()
  const say = (key: string, rows: readonly FleetRow[]): void => void toasts.say(t(key, { n: format.value.count(rows.length) }, rows.length))

  async function wish(rows: readonly FleetRow[], change: (wanted: Wanted) => Wanted): Promise<void> {
    await Promise.all(
      rows.map(({ worker }) =>
        data.edit('workers', worker.id, ({ wanted }) => ({ wanted: { ...change(wanted), generation: wanted.generation + 1 } })),
      ),
    )
  }
  const pausedAs =
    (pause: Wanted['pause'], untilMs?: number) =>
    ({ pauseUntil: _ended, ...wanted }: Wanted): Wanted => ({ ...wanted, pause, ...(untilMs === undefined ? {} : { pauseUntil: untilMs }) })

  return {
    async pause(rows: readonly FleetRow[], kind: PauseKind = 'now') {
      const untilMs = pauseUntil(kind, data.peerNow())
      await wish(rows, pausedAs(asWish(kind), untilMs === undefined ? undefined : Math.round(untilMs)))
      say('manage.paused', rows)
    },
    async drain(rows: readonly FleetRow[]) {
      await wish(rows, pausedAs('drain'))
      say('manage.drained', rows)
    },
    async resume(rows: readonly FleetRow[]) {
      await wish(rows, pausedAs('none'))
      // What was paused at this computer is held by itself, whatever its owner wishes from afar.
      if (rows.some((row) => isHere(data, row.id))) {
        const reply = await data.call('computer.resume', {})
        if (!reply.ok) toasts.problem(reply.error)
      }
      say('manage.resumed', rows)
    },
    /** Each worker whose program updates itself looks for a new version at once. */
    async update(rows: readonly FleetRow[]) {
      await wish(rows, (wanted) => ({ ...wanted, updateRequestedAt: Math.round(data.peerNow()) }))
      say('headless.updating', rows)
    },
    /** @param micro per work unit; null asks the network's average */
    async setBid(rows: readonly FleetRow[], micro: number | null) {
      await wish(rows, ({ bidMicroPerUnit: _before, ...wanted }) => (micro === null ? wanted : { ...wanted, bidMicroPerUnit: micro }))
      say('manage.bidSet', rows)
    },
    async tag(rows: readonly FleetRow[], text: string) {
      await Promise.all(rows.map(({ worker }) => data.edit('workers', worker.id, ({ tags }) => ({ tags: applyTags(tags, text) }))))
      say('manage.tagged', rows)
    },
    async rename(row: FleetRow, name: string) {
      await data.edit('workers', row.id, { name })
      toasts.say(t('manage.renamed', { name }))
    },
    async downloadConfig(row: FleetRow) {
      const reply = await data.call('workers.config', { workerId: row.id })
      if (!reply.ok) {
        toasts.problem(reply.error)
        return
      }
      const { config } = reply.value
      saveFile(`${safeFileName(row.name)}.pictor.json`, `${JSON.stringify(config, null, 2)}\n`, 'application/json')
      toasts.say(t('manage.configDone', { name: row.name, expires: format.value.dateTime(config.expiresAt) }))
    },
    remove(rows: readonly FleetRow[]) {
      const undo = removals.begin(
        rows.map(({ id }) => id),
        async (ids) => {
          await Promise.all(ids.map((id) => data.edit('workers', id, { deletedAt: data.peerNow() })))
        },
      )
      toasts.say(t('manage.removed', { n: format.value.count(rows.length) }, rows.length), {
        label: t('manage.undo'),
        act: undo,
        forMs: undoMs,
      })
    },
  }
}
