import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { effectivePreferences } from '#shared/rules/effectivePreferences.ts'
import { askServer } from '../config/askServer.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'
import { openRefusedVersions } from '../database/refusedVersions.ts'
import { openBlocks } from '../integrity/blocks.ts'
import { createHolds } from '../node/holds.ts'
import { openPauses } from '../node/pauses.ts'
import { openRequirements } from '../node/requirements.ts'
import { openWorkAnyway } from '../node/workAnyway.ts'
import { createServerClock, type ServerClock } from '../node/serverClock.ts'
import { openTagPreferences } from '../preferences/tagPreferences.ts'
import { openLocalSeries } from '../series/localSeries.ts'
import { createSeriesShipper } from '../series/shipper.ts'
import type { Stops } from '../stops.ts'
import { createUplink } from '../sync/uplink.ts'
import { openStores } from './openStores.ts'
import { rxDocuments } from './rxDocuments.ts'
import type { WorldOptions } from './openWorld.ts'

const offsetFact = 'serverClockOffsetMs'
export type WorldData = Awaited<ReturnType<typeof openWorldData>>

/** The stores of a world, its clock, its pauses, and its line to the gateway (not started yet). */
export async function openWorldData(options: WorldOptions, stops: Stops) {
  const { world, clock, log } = options
  const { folder, identity } = world
  const { local, database, repairs } = await openStores(options, stops)
  const refused = openRefusedVersions(local, () => clock.now())

  const serverClock = createServerClock(clock, Number(local.readFact(offsetFact) ?? 0))
  stops.add(serverClock.onSample(() => rememberOffset(local, serverClock)))
  const serverNow = () => serverClock.now()
  const holds = createHolds({ clock, serverNow })
  stops.add(() => holds.stop())
  const pauses = openPauses({ local, clock, serverNow })
  stops.add(() => pauses.stop())
  const blocks = openBlocks({ local, clock, serverNow })
  stops.add(() => blocks.stop())
  const workAnyway = openWorkAnyway({ local, clock, serverNow })
  stops.add(() => workAnyway.stop())
  stops.add(
    serverClock.onStep((stepMs) => {
      log.info('the server’s time is another than was thought', { stepMs: Math.round(stepMs) })
      for (const waits of [holds, pauses, blocks, workAnyway]) waits.timeMoved()
    }),
  )
  const workers = rxDocuments(database.collections.workers)
  const worker = await workers.get(identity.nodeId)
  pauses.setWanted(worker)
  workAnyway.setWanted(worker)
  blocks.setWanted(worker)
  let wanted = worker?.wanted
  let tags = worker?.tags ?? []
  const preferenceListeners = new Set<() => void>()
  const tellPreferences = () => preferenceListeners.forEach((listener) => listener())
  stops.add(
    workers.onChange((changed) => {
      if (changed.id !== identity.nodeId) return
      wanted = changed.wanted
      tags = changed.tags
      pauses.setWanted(changed)
      workAnyway.setWanted(changed)
      blocks.setWanted(changed)
      tellPreferences()
    }),
  )

  const uplink = createUplink({
    ...{ identity, database, local, refused, clock, log: log.child('uplink') },
    appVersion: options.appVersion,
    instanceId: randomUUID(),
    ownerToken: options.ownerToken,
    ask: askServer,
    random: Math.random,
    onServerTime: (sample) => serverClock.sample(sample),
  })
  const tagPreferences = await openTagPreferences({
    ...{ ownerId: identity.ownerId, local, gateway: uplink },
    profiles: rxDocuments(database.collections.profile),
  })
  stops.add(() => tagPreferences.stop())
  stops.add(tagPreferences.onChange(tellPreferences))
  const wishes = {
    /** What is wanted of computers with a tag, as it is known here. */
    tagPreferences: () => tagPreferences.current(),
    bufferMs: () => {
      const minutes = wishes.preferences().workBufferMinutes
      return minutes === undefined ? wanted?.workBufferMs : minutes * 60_000
    },
    wanted: () => wanted,
    benchAskedAt: () => wanted?.bench,
    /** What counts at this node: its own preferences, and those of its tags. */
    preferences: () => effectivePreferences(wanted?.preferences, tags, tagPreferences.current()).preferences,
    onPreferences(listener: () => void) {
      preferenceListeners.add(listener)
      return () => void preferenceListeners.delete(listener)
    },
  }
  const requirements = openRequirements({ local, gateway: uplink })
  stops.add(() => requirements.stop())
  const series = openLocalSeries(join(folder, 'series'), local, () => clock.now(), log)
  stops.add(() => series.close())
  const shipper = createSeriesShipper({ series, client: uplink.client, clock, log })
  shipper.start()
  stops.add(() => shipper.stop())
  return { local, database, repairs, refused, serverClock, holds, pauses, blocks, workAnyway, requirements, uplink, series, ...wishes }
}

function rememberOffset(local: LocalDatabase, serverClock: ServerClock): void {
  const offset = serverClock.wallOffsetMs() ?? 0
  const known = Number(local.readFact(offsetFact) ?? 0)
  // Written on real changes only: samples come every few seconds.
  if (Math.abs(offset - known) > 1_000) local.writeFact(offsetFact, String(offset))
}
