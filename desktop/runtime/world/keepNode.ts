import type { NodeDocument } from '#shared/collections/node.schema.ts'
import { appError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { Blocks } from '../integrity/blocks.ts'
import type { KeptBenchmark } from '../bench/keepBenchmark.ts'
import { buildNode } from '../node/buildNode.ts'
import type { Holds } from '../node/holds.ts'
import { freeMiB, type Inventory } from '../node/inventory.ts'
import { startNodeDocument } from '../node/nodeDocument.ts'
import type { NodeRequirements } from '../node/requirements.ts'
import type { ProgramUpdate } from '../node/programUpdate.ts'
import type { Pauses } from '../node/pauses.ts'
import type { Repairs } from '../node/repairs.ts'
import type { WorkAnyway } from '../node/workAnyway.ts'
import type { ConnectionSpeed } from '../network/connectionSpeed.ts'
import type { PowerCap } from '../limits/powerCap.ts'
import type { ServerClock } from '../node/serverClock.ts'
import type { Software } from '../node/software.ts'
import type { SystemFacts } from '../node/systemFacts.ts'
import { startSleepWatch } from '../node/sleepWatch.ts'
import { createStatusLog } from '../node/statusLog.ts'
import { whatCut, type UncleanStop } from '../node/uncleanStop.ts'
import type { World } from '../config/worlds.ts'
import type { KeptLessons } from '../tasks/avoid/openLessons.ts'
import type { Documents } from '../tasks/ports.ts'
import type { CardWatch } from '../telemetry/watchCards.ts'
import type { TaskRunner } from '../tasks/taskRunner.ts'
import type { Containment } from '../engines/process/containment.ts'

/** For so long after a start the node says that work was cut; then it is at work again. */
const terminatedShownMs = 60_000
const oneSleepMs = 20_000
/** The free space is a requirement and is shown; what fills the disk is noticed sooner, by what fails. */
const diskEveryMs = 10 * 60_000

export interface KeepNodeOptions {
  world: World
  nodeId: string
  ownerId: string
  nodes: Documents<NodeDocument>
  runner: TaskRunner
  holds: Holds
  pauses: Pauses
  repairs: Pick<Repairs, 'list' | 'onChange'>
  lessons: Pick<KeptLessons, 'avoided' | 'onChange'>
  workAnyway: WorkAnyway
  blocks: Blocks
  software: Software
  requirements: NodeRequirements
  inventory: Inventory
  serverClock: ServerClock
  unclean: UncleanStop | null
  system: SystemFacts
  appVersion: string
  programUpdate: ProgramUpdate
  containment: Pick<Containment, 'inWords'>
  clock: Clock
  log: Logger
  onWorking: (working: boolean) => void
  cardWatch: CardWatch
  speed: Pick<ConnectionSpeed, 'current' | 'onChange'>
  powerCap: Pick<PowerCap, 'state' | 'onChange'>
  bench: Pick<KeptBenchmark, 'newest' | 'work' | 'onChange'>
  transfers: { facts(): NodeDocument['transfers'] | undefined; onChange(listener: () => void): () => void }
  /** A line for the series of this node's statuses. */
  appendStatus: (line: string) => void
}

/** Keeps the node's document true for as long as the world is open. */
export async function keepNode(options: KeepNodeOptions): Promise<{ stop(): Promise<void> }> {
  const { nodes, runner, holds, pauses, software, requirements, serverClock, clock, world, unclean, cardWatch } = options
  const startedAtMs = serverClock.now()
  const before = await nodes.get(options.nodeId)
  let inventory = options.inventory
  let generationDone = before?.generationDone ?? 0
  let terminated: NodeDocument['terminated'] | null = whatCut(unclean, options.programUpdate.takeCut(), before?.updatedAt ?? startedAtMs)
  let pausedSinceMs = startedAtMs
  let containmentLevel = await options.containment.inWords()

  const noteStatus = createStatusLog(options.appendStatus)
  const build = () => {
    const document = buildNode({
      ...options,
      startedAtMs,
      containmentLevel,
      inventory: withoutCards(inventory, cardWatch.lost()),
      requirements: requirements.current(),
      transfers: options.transfers.facts(),
      powerCap: options.powerCap.state(),
      connection: options.speed.current(),
      workAnywayUntilMs: options.workAnyway.untilMs(),
      holds: holds.list(runner.summary().renderingTaskIds.length > 0),
      pause: pauses.current(),
      blocks: options.blocks.list(),
      repairs: options.repairs.list(),
      avoided: options.lessons.avoided(),
      generation: pauses.generation(),
      generationDone,
      terminated: terminated ?? null,
      update: options.programUpdate.note(),
      summary: runner.summary(),
      benchmark: options.bench.newest(),
      benchWork: options.bench.work(),
      clockOffMinutes: clockOffMinutes(serverClock),
      pausedSinceMs,
      nowMs: serverClock.now(),
    })
    generationDone = document.generationDone
    noteStatus(document)
    return document
  }
  const writer = startNodeDocument({ nodes, build, clock, log: options.log })
  const changed = () => writer.changed()
  const onPause = () => {
    pausedSinceMs = serverClock.now()
    changed()
  }
  const onRunner = () => {
    options.onWorking(runner.summary().activeTaskIds.length > 0)
    changed()
    void options.containment.inWords().then((level) => {
      if (level === containmentLevel) return
      containmentLevel = level
      changed()
    })
  }
  const offs = [
    runner.onChange(onRunner),
    holds.onChange(changed),
    pauses.onChange(onPause),
    options.programUpdate.onChange(changed),
    software.onChange(changed),
    requirements.onChange(changed),
    options.bench.onChange(changed),
    options.transfers.onChange(changed),
    options.workAnyway.onChange(changed),
    options.powerCap.onChange(changed),
    options.speed.onChange(changed),
    options.blocks.onChange(changed),
    options.repairs.onChange(changed),
    options.lessons.onChange(changed),
  ]
  // The clock's samples come often; only a change of the verdict is news.
  let clockWasWrong = false
  offs.push(
    serverClock.onSample(() => {
      if (clockWasWrong === serverClock.isWallWrong()) return
      clockWasWrong = !clockWasWrong
      const minutes = clockOffMinutes(serverClock)
      if (minutes === null) options.log.info('the clock of this computer is right again')
      else options.log.warn(appError('CLOCK_WRONG', { minutes }).message, { code: 'CLOCK_WRONG', offsetMs: serverClock.wallOffsetMs() })
      changed()
    }),
  )
  let cancelShown = () => undefined as void
  const showTerminated = () => {
    changed()
    cancelShown()
    cancelShown = clock.after(terminatedShownMs, () => {
      terminated = null
      changed()
    })
  }
  if (terminated !== null) showTerminated()
  offs.push(
    cardWatch.onChange(() => {
      const cut = cardWatch.lost().size > 0 && runner.summary().renderingTaskIds.length > 0
      if (!cut) return changed()
      terminated = { code: 'DRIVER_LOST', at: serverClock.now() }
      showTerminated()
    }),
  )
  offs.push(
    () => cancelShown(),
    startSleepWatch(clock, (sleptMs) => noteSleep(sleptMs)),
    options.system.onSleep((sleptMs) => noteSleep(sleptMs)),
    options.system.onChange(() => {
      if (options.system.isTooHot()) holds.set('TOO_HOT', { blocks: true })
      else if (systemHeat) holds.clear('TOO_HOT')
      systemHeat = options.system.isTooHot()
    }),
  )
  let systemHeat = false
  /** The system and the watch tell of one sleep, a few seconds apart. */
  let sleepNotedAtMs = -Infinity
  function noteSleep(sleptMs: number): void {
    if (clock.monotonicMs() - sleepNotedAtMs < oneSleepMs) return
    sleepNotedAtMs = clock.monotonicMs()
    options.log.info('the computer slept', { sleptMs, working: runner.summary().activeTaskIds.length > 0 })
    if (runner.summary().activeTaskIds.length === 0) return
    terminated = { code: 'SLEEP', at: serverClock.now() - sleptMs }
    showTerminated()
  }
  let cancelDisk = () => undefined as void
  const lookAtDisk = async () => {
    const diskFreeMiB = await freeMiB(world.folder)
    inventory = { ...inventory, hardware: { ...inventory.hardware, diskFreeMiB } }
    changed()
    cancelDisk = clock.after(diskEveryMs, () => void lookAtDisk())
  }
  void lookAtDisk()
  offs.push(() => cancelDisk())
  return {
    async stop() {
      for (const off of offs) off()
      const end = { stoppedAt: serverClock.now(), activeTaskIds: [] }
      noteStatus({ ...build(), ...end })
      await writer.finish(end)
    },
  }
}

const clockOffMinutes = (serverClock: ServerClock): number | null =>
  serverClock.isWallWrong() ? Math.round(Math.abs(serverClock.wallOffsetMs() ?? 0) / 60_000) : null

function withoutCards(inventory: Inventory, lost: ReadonlySet<string>): Inventory {
  if (lost.size === 0) return inventory
  return { ...inventory, hardware: { ...inventory.hardware, gpus: inventory.hardware.gpus.filter(({ uuid }) => !lost.has(uuid)) } }
}
