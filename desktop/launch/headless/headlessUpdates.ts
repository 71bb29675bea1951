import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { runtimeAsks } from '#shared/api/runtimeAsks.ts'
import { appError } from '#shared/errors/appError.ts'
import type { UpdateNote } from '#shared/collections/node.schema.ts'
import type { JsonObject, JsonValue } from '#shared/json.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { Result } from '#shared/result.ts'
import type { UpdatesOff, UpdateState } from '#shared/updates/updateState.ts'
import type { UpdateChannel } from '#shared/updates/version.ts'
import { createNodeDrain } from '../updates/drainNode.ts'
import { createFeedEngine } from '../updates/feedEngine.ts'
import { createUpdateService, type UpdateService } from '../updates/updateService.ts'
import { versionsFolder, type Installation } from './installLayout.ts'
import { createTarballSource, tarballError } from './tarballSource.ts'
import { failedVersions } from './trial.ts'

export interface HeadlessUpdatesOptions {
  installation: Installation
  /** Where each computer stands in a staged release is decided by it. */
  nodeId: string
  askNode: (name: string, input: JsonObject) => Promise<Result<JsonValue>>
  /** The new version is the current one now: end everything, and start that. */
  restart: () => void
  /** How long an update waits for the frame in progress; null: as long as usual. */
  drainMs: number | null
  clock: Clock
  random: () => number
  log: Logger
}

export interface HeadlessUpdates {
  state(): UpdateState
  /** Looks for a new version and installs it, whatever the owner's switch says. Does not wait for the end of it. */
  updateNow(): void
  stop(): void
}

/** The owner's wishes are asked for this often; what the node shows of the update is said at once. */
const wishesEveryMs = 15_000

/** Why an installation cannot update itself; null: it can. */
export function whyNoUpdates({ root, release }: Installation): UpdatesOff | null {
  // An image is replaced as a whole.
  if (process.env['PICTOR_UPDATES'] === 'off') return 'packageManager'
  if (release.feedUrl === null) return 'noFeed'
  if (release.publicKeys.length === 0) return 'noKey'
  try {
    for (const path of [root, join(root, versionsFolder)]) accessSync(path, constants.W_OK)
    return null
  } catch {
    // Installed by somebody else, for this user to run only.
    return 'notWritable'
  }
}

/** Updates of a node without a window: it asks nobody, waits for the frame in progress, and does what the owner wishes in `workers.wanted`. */
export function startHeadlessUpdates(options: HeadlessUpdatesOptions): HeadlessUpdates {
  const { installation, nodeId, askNode, restart, drainMs, clock, random, log } = options
  const { root, release } = installation
  const wishes: { autoUpdate: boolean; channel: UpdateChannel } = { autoUpdate: true, channel: 'latest' }
  let forced = false
  let stopped = false
  let told = ''
  let cancelWishes = () => undefined as void

  const engine = createFeedEngine({
    source: createTarballSource({ ...{ installation, clock, random, restart }, feedUrl: release.feedUrl ?? 'https://no-feed.invalid/' }),
    ...{ publicKeys: release.publicKeys, platform: release.platform, currentVersion: release.version, installationId: nodeId },
    channel: wishes.channel,
    refuse: (version) => (failedVersions(root).includes(version) ? appError('UPDATE_ROLLED_BACK', { version }) : null),
    readError: tarballError,
  })
  const service = createUpdateService({
    ...{ engine, clock, random, log, isSystemEnding: () => stopped },
    ...createNodeDrain({ askNode, isOver: () => stopped, clock, log }),
    automatic: () => forced || wishes.autoUpdate,
    onState: (state) => {
      // Progress moves by the second and is not in the note.
      const note = JSON.stringify(noteOf(state))
      if (note === told) return
      told = note
      void tellNode()
    },
    ...(drainMs === null ? {} : { drainMs }),
  })

  async function tellNode(): Promise<void> {
    const answer = await askNode('node.update', { note: noteOf(service.state()) })
    const wished = answer.ok ? runtimeAsks['node.update'].output.safeParse(answer.value).data : undefined
    if (wished === undefined || stopped) return
    wishes.autoUpdate = wished.autoUpdate
    if (wished.channel !== wishes.channel) {
      wishes.channel = wished.channel
      engine.setChannel(wished.channel)
    }
    if (wished.requested) updateNow()
  }
  function updateNow(): void {
    forced = true
    void goOn(service).finally(() => (forced = false))
  }
  function waitForWishes(): void {
    cancelWishes = clock.after(wishesEveryMs, () => void tellNode().finally(() => (stopped ? undefined : waitForWishes())))
  }

  const off = whyNoUpdates(installation)
  if (off !== null) service.disable(off)
  else service.start()
  void tellNode()
  waitForWishes()
  return {
    state: () => service.state(),
    updateNow,
    stop() {
      stopped = true
      cancelWishes()
      service.stop()
    },
  }
}

/** From wherever the machine stands to the new version. */
async function goOn(service: UpdateService): Promise<void> {
  const { name } = service.state()
  if (name === 'downloaded') return service.restart()
  // While something is under way already, a check does nothing.
  return name === 'available' ? service.download() : service.check()
}

/** The machine's state as the node's document has it. */
export function noteOf(state: UpdateState): UpdateNote & JsonObject {
  const note: UpdateNote & JsonObject = { state: state.name }
  if ('release' in state) note.version = state.release.version
  if (state.name === 'disabled') note.reason = state.reason
  if (state.name === 'draining') note.deadlineAt = state.deadlineAt
  if (state.name === 'idle' && state.checkedAt !== null) note.checkedAt = state.checkedAt
  if ('problem' in state && state.problem !== null) note.problem = { ...state.problem }
  return note
}
