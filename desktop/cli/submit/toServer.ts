import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import envPaths from 'env-paths'
import { appError, AppErrorException, toAppError } from '#shared/errors/appError.ts'
import { makeId } from '#shared/ids.ts'
import type { Result } from '#shared/result.ts'
import { makeUpscaleJob } from '#shared/rules/upscaleJob.ts'
import { systemClock } from '../../launch/systemClock.ts'
import type { ServerClient } from '../../launch/serverClient.ts'
import type { OutgoingScene } from '../../runtime/entry.ts'
import { ownerAt, type Credentials } from '../client/signInTo.ts'
import { progressBar } from '../console/progressBar.ts'
import { terminalLogger, type Terminal } from '../console/terminal.ts'
import type { SceneRoute } from './sceneRoute.ts'

/** The scene goes straight to a server; this computer needs a Blender to look into it, and no node. Signs in first. */
export async function toServer(serverUrl: string, who: Credentials, terminal: Terminal, signal: AbortSignal): Promise<SceneRoute> {
  const { owner, token } = await ownerAt(serverUrl, who)
  // What was signed in to may have ended since: better said before a long look into the scene.
  const { ownerId } = await owner.session().catch((thrown: unknown) => {
    if (toAppError(thrown).code !== 'NOT_SIGNED_IN') throw thrown
    throw new AppErrorException(appError('SIGN_IN_NEEDED', { server: serverUrl }))
  })
  const { openSceneSender, makeJob, prepareImages } = await import('../../runtime/entry.ts')
  const blender = process.env['PICTOR_BLENDER']
  const sender = await openSceneSender({
    ...{ cacheFolder: cacheFolder(), log: terminalLogger(terminal), clock: systemClock, signal },
    blenderPaths: blender === undefined ? [] : [blender],
  })
  let scene: OutgoingScene | null = null

  async function upload(outgoing: Pick<OutgoingScene, 'files'>): Promise<void> {
    const bar = progressBar(terminal, 'upload')
    const isThere = (sha256: string) => hasFile(owner, sha256)
    const onProgress = (sent: number, total: number) =>
      bar.update(total === 0 ? 1 : sent / total, `${mebibytes(sent)} of ${mebibytes(total)} MiB`)
    try {
      unwrap(await sender.send(outgoing, { serverUrl, token, isThere, onProgress }))
    } finally {
      bar.finish()
    }
  }

  return {
    async stage(path) {
      scene = unwrap(await sender.prepare(path))
      return { name: scene.bundle.staged.name, warnings: scene.warnings }
    },
    async submit(wishes) {
      if (scene === null) throw new AppErrorException(appError('UNEXPECTED', { reason: 'no scene was staged' }))
      // Files first: a job whose files never come would wait at the server for ever.
      await upload(scene)
      const { serverTimeMs } = await owner.hello()
      const job = unwrap(makeJob(scene.bundle, wishes, ownerId, serverTimeMs))
      return (await owner.call('jobs.submit', { job })).jobId
    },
    async submitImages(paths, { scale, name }) {
      const pictures = unwrap(await prepareImages(paths))
      const wishes = { id: makeId('job', randomBytes(20)), ownerId, scale, ...(name === undefined ? {} : { name }) }
      // Before anything is sent: what is wrong with the pictures is known already.
      unwrap(
        makeUpscaleJob(
          pictures.map(({ picture }) => picture),
          { ...wishes, nowMs: 0 },
        ),
      )
      await upload({ files: pictures.map(({ picture, path }) => ({ ...picture, path })) })
      const { serverTimeMs: nowMs } = await owner.hello()
      const job = unwrap(
        makeUpscaleJob(
          pictures.map(({ picture }) => picture),
          { ...wishes, nowMs },
        ),
      )
      const { jobId } = await owner.call('jobs.submit', { job })
      return { jobId, names: pictures.map(({ picture }) => picture.name) }
    },
    owner: async () => owner,
    close: () => sender.close(),
  }
}

async function hasFile(owner: ServerClient, sha256: string): Promise<boolean> {
  try {
    await owner.request(`/files/${sha256}`, { method: 'HEAD' })
    return true
  } catch (thrown) {
    if (['NOT_FOUND', 'FILE_NOT_FOUND'].includes(toAppError(thrown).code)) return false
    throw thrown
  }
}

const cacheFolder = (): string => join(process.env['PICTOR_CACHE'] ?? envPaths('pictor-worker', { suffix: '' }).cache, 'submit')
const mebibytes = (bytes: number): string => (bytes / 1024 ** 2).toFixed(1)

function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new AppErrorException(result.error)
}
