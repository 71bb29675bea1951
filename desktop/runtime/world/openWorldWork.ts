import { join } from 'node:path'
import { durations } from '#shared/durations.ts'
import { neededFacts } from '#shared/rules/preferenceHolds.ts'
import type { LiveNode } from '#shared/sync/live.ts'
import { startSceneOutbox } from '../jobs/sceneOutbox.ts'
import { openStagedScenes } from '../jobs/stagedScenes.ts'
import { startConnectionSpeed } from '../network/connectionSpeed.ts'
import { createIntegrityLook } from '../integrity/integrityLook.ts'
import { watchIntegrity } from '../integrity/watchIntegrity.ts'
import { takeHandedBenchmark } from '../bench/handOver.ts'
import { keepBenchmark } from '../bench/keepBenchmark.ts'
import { benchBlender, benchFingerprint, devicesToMeasure, runBench } from '../bench/runBench.ts'
import { usualBench } from '../bench/measureDevice.ts'
import { createDeviceSlots } from '../node/deviceSlots.ts'
import { freeBytes, totalBytes } from '../node/inventory.ts'
import { cardFacts } from '../preferences/cardFacts.ts'
import { createProbes } from '../preferences/createProbes.ts'
import { withTold } from '../preferences/toldProbes.ts'
import { watchPreferences } from '../preferences/watchPreferences.ts'
import type { Stops } from '../stops.ts'
import { restoredAtMs } from '../sync/replicateAll.ts'
import { openLessons } from '../tasks/avoid/openLessons.ts'
import { openFileCache } from '../tasks/fetch/fileCache.ts'
import { memoryLimits } from '../limits/memoryLimits.ts'
import { createPowerCap } from '../limits/powerCap.ts'
import { watchDiskRoom } from '../limits/diskRoom.ts'
import { withHolds } from '../tasks/pause.ts'
import { startTaskRunner, type TaskRunner } from '../tasks/taskRunner.ts'
import { tusUpload } from '../tasks/upload/tusUpload.ts'
import { openUploadUrls } from '../tasks/upload/uploadUrls.ts'
import { startWorkBuffer } from '../tasks/workBuffer.ts'
import { createAppleMeter } from '../telemetry/appleMeter.ts'
import { allMeters } from '../telemetry/gpuMeter.ts'
import { createGpuStream } from '../telemetry/gpuStream.ts'
import { createSysfsMeter } from '../telemetry/sysfsMeter.ts'
import { watchCards } from '../telemetry/watchCards.ts'
import { createTransfers } from '../transfers/transfers.ts'
import { fileLine } from '../transfers/fileLine.ts'
import { openMonthlyBytes } from '../transfers/monthlyBytes.ts'
import { rxDocuments } from './rxDocuments.ts'
import { restoreFromServer } from './restoreFromServer.ts'
import { wantedWork } from './wantedWork.ts'
import { watchDisk } from './watchDisk.ts'
import type { WorldData } from './openWorldData.ts'
import type { WorldOptions } from './openWorld.ts'

/** What works in a world: files, jobs on their way out, the task runner and its buffer. */
export async function openWorldWork(options: WorldOptions, data: WorldData, stops: Stops) {
  const { clock, log, software, engine, verify, inventory, prepare } = options
  const { folder, identity } = options.world
  const { nodeId } = identity
  const { database, local, uplink, series, holds, pauses, blocks, serverClock } = data
  const cache = await openFileCache(join(folder, 'cache'))
  const urls = await openUploadUrls(join(folder, 'uploads.json'), log)
  stops.add(() => urls.flush())
  const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone
  const monthly = openMonthlyBytes({ local, clock, zone, log: log.child('transfers') })
  const transfers = createTransfers({ bytes: monthly, clock, zone, log: log.child('transfers') })
  stops.add(() => transfers.stop())
  const tellTransfers = () => transfers.setWanted(data.preferences())
  tellTransfers()
  stops.add(
    data.onPreferences(tellTransfers),
    holds.onChange(() => transfers.setMetered(holds.has('METERED'))),
  )
  const workerOnlyFor = () => (options.ownerToken() !== null || identity.serverUrl === '' ? null : identity.serverUrl)
  const staged = openStagedScenes({ folder: join(folder, 'staged'), local, cache, prepare, workerOnlyFor })
  const outbox = startSceneOutbox({
    ...{ local, cache, gateway: fileLine(uplink, transfers), upload: tusUpload, transfers, urls, clock, log: log.child('outbox') },
    ...{ jobs: rxDocuments(database.collections.jobs), serverNow: () => serverClock.now() },
  })
  stops.add(() => outbox.stop())

  const names = new Map(inventory.hardware.gpus.map(({ uuid, name }) => [uuid, name]))
  const cardsOf = inventory.hardware.gpus
  const gpus = allMeters([
    ...(process.platform === 'darwin'
      ? [createAppleMeter({ cards: cardsOf, clock, log: log.child('cards') })]
      : [createGpuStream({ clock, log })]),
    ...(process.platform === 'linux' ? [createSysfsMeter({ names })] : []),
  ])
  const cardWatch = watchCards({ cards: inventory.hardware.gpus, silent: () => gpus.silent(), clock, log: log.child('cards') })
  stops.add(() => cardWatch.stop())
  const lessons = openLessons({ local, serverNow: () => serverClock.now() })
  const tryAgain = () => lessons.setWanted(data.wanted()?.tryAgainAt)
  tryAgain()
  // Told with every change of the worker's document.
  stops.add(data.onPreferences(tryAgain))
  const devices = createDeviceSlots(() => ({
    software: software.list(),
    gpus: inventory.hardware.gpus.filter(({ uuid }) => !cardWatch.lost().has(uuid)),
    preferences: watch.current(),
    avoidedCards: lessons.avoided().flatMap(({ sort, value }) => (sort === 'card' ? [value] : [])),
  }))
  const probes = withTold(createProbes({ clock, log }), options.system)
  const cards = { newest: (): LiveNode | null => null }
  const watch = watchPreferences({
    ...{ probes, holds, clock, log: log.child('preferences'), serverNow: () => serverClock.now() },
    cards: () => cardFacts(cards.newest(), devices()),
    anyway: () => data.workAnyway.untilMs() !== null,
  })
  stops.add(() => watch.stop())
  watch.setWanted(data.preferences())
  stops.add(
    data.onPreferences(() => watch.setWanted(data.preferences())),
    data.workAnyway.onChange(() => watch.wake()),
  )
  const diskRoom = watchDiskRoom({
    ...{ folder, holds, clock, wanted: () => data.preferences(), freeBytes: () => freeBytes(folder) },
    busy: () => running.summary !== null && running.summary().activeTaskIds.length > 0,
  })
  stops.add(() => diskRoom.stop())
  const powerCap = createPowerCap({ local, clock, log: log.child('power') })
  stops.add(() => powerCap.stop())
  const running: { summary: TaskRunner['summary'] | null } = { summary: null }
  const restoring = data.repairs.isRestoring() ? restoreFromServer({ ...data, log: log.child('tasks') }) : null
  const runner = await startTaskRunner({
    ...{ restoring, lessons, restoredAtMs: () => restoredAtMs(local) },
    ...{ folder, nodeId, engine, verify, holds, serverClock, clock, cache, urls },
    gateway: uplink,
    transfers,
    tasks: rxDocuments(database.collections.tasks),
    runs: rxDocuments(database.collections.runs),
    devices,
    priority: () => watch.current().priority ?? 'normal',
    limits: () => memoryLimits(watch.current()),
    roomBytes: () => diskRoom.roomBytes(),
    pause: () => withHolds(pauses.current(), holds),
    blocked: () => blocks.refusal(),
    pinned: () => [...staged.pinned(), ...outbox.pinned()],
    log: log.child('tasks'),
    appendLog: (taskId, line) => series.append(`log/${taskId}`, `${line}\n`),
    freeBytes: () => freeBytes(folder),
  })
  stops.add(() => runner.stop())
  running.summary = () => runner.summary()
  const limit = () => {
    powerCap.set(data.preferences().powerPercent, runner.summary().renderingTaskIds.length > 0)
    diskRoom.wake()
  }
  stops.add(data.onPreferences(limit))
  limit()
  let wasRendering = false
  stops.add(
    runner.onChange(() => {
      const rendering = runner.summary().renderingTaskIds.length > 0
      if (rendering !== wasRendering) limit()
      wasRendering = rendering
    }),
  )
  stops.add(await watchDisk({ folder, holds, clock, freeBytes: () => freeBytes(folder), totalBytes: () => totalBytes(folder) }))
  const speed = startConnectionSpeed({
    ...{ gateway: uplink, transfers, local, clock, log: log.child('speed'), serverNow: () => serverClock.now() },
    metered: async () => (await probes.look({ ...neededFacts({}), metered: true })).metered,
    busy: () => runner.live().some(({ state }) => state !== 'rendering'),
  })
  stops.add(() => speed.stop())
  const buffer = startWorkBuffer({
    ...{ nodeId, gateway: uplink, clock, log: log.child('buffer') },
    wanted: () =>
      wantedWork({
        runner,
        software,
        slots: devices().length,
        holds,
        pause: pauses.current(),
        bufferMs: data.bufferMs(),
        maxVramMiB: data.preferences().maxVramMiB,
        inventory,
        transfers,
        blocked: blocks.current() !== null,
        avoided: lessons.avoided(),
      }),
  })
  stops.add(() => buffer.stop())

  const integrity = watchIntegrity({
    ...{ look: createIntegrityLook({ clock, log: log.child('integrity'), cards: inventory.hardware.gpus }), blocks, clock },
    ...{ renders: () => runner.networkRenders(), log: log.child('integrity') },
  })
  stops.add(() => integrity.stop())
  stops.add(runner.onChange(() => integrity.wake()))
  await takeHandedBenchmark(options.dataFolder, local, log.child('bench'))
  const bench = keepBenchmark({
    ...{ local, holds, runner, clock, log: log.child('bench'), auto: options.autoBench, serverNow: () => serverClock.now() },
    pause: () => pauses.current(),
    askedAt: () => data.benchAskedAt(),
    fingerprint: () => (software.isKnown() && benchBlender(software.list()) ? benchFingerprint(inventory, software.list()) : null),
    run(signal) {
      gpus.every(durations.telemetryActiveMs)
      return runBench({
        ...{ engine, containment: options.containment, signal, inventory, software: software.list(), now: () => serverClock.now() },
        ...{ folder: join(folder, 'bench'), priority: watch.current().priority ?? 'normal', options: usualBench },
        devices: devicesToMeasure(devices(), inventory.hardware),
        watts: (uuid) => gpus.newest().find((card) => card.uuid === uuid)?.powerW ?? null,
      })
    },
  })
  stops.add(() => bench.stop())

  const wake = () => {
    runner.wake()
    buffer.wake()
    bench.wake()
  }
  stops.add(
    holds.onChange(wake),
    blocks.onChange(wake),
    data.onPreferences(wake),
    cardWatch.onChange(wake),
    pauses.onChange(wake),
    lessons.onChange(wake),
    software.onChange(wake),
    transfers.onChange(wake),
  )
  stops.add(
    runner.onChange(() => {
      buffer.wake()
      bench.wake()
      uplink.setFramesWaiting(runner.summary().framesWaitingToUpload)
    }),
  )
  return {
    ...{ runner, staged, outbox, transfers, powerCap, speed, bench, lessons },
    ...{ gpus, cardWatch },
    isServerEmpty: () => buffer.isServerEmpty(),
    means: () => probes.means(),
    /** Where the preferences learn how hot and busy the cards are. */
    setCards: (newest: () => LiveNode | null) => void (cards.newest = newest),
  }
}
