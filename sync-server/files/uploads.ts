import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { readdir, rm, stat, statfs } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { FileStore as TusFileStore } from '@tus/file-store'
import { Server as TusServer } from '@tus/server'
import type { Upload } from '@tus/server'
import { durations } from '#shared/durations.ts'
import { appError, AppErrorException, toAppError, type AppError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { DocumentStore } from '../store/documentStore.ts'
import { keepFreeBytes, uploadLimits } from './fileLimits.ts'
import type { FileHolders } from './fileHolders.ts'
import { sha256OfFile, type FileStore } from './fileStore.ts'
import type { OwnUploads } from './ownUploads.ts'
import { refuse, UploadRefusal } from './uploadRefusal.ts'
import { uploadTarget, type Uploader } from './uploadTarget.ts'

export interface Uploads {
  /** Serves one tus request of this uploader. */
  handle(uploader: Uploader, request: IncomingMessage, response: ServerResponse): Promise<void>
  /**
   * Takes over what was complete when the process ended, and deletes what nobody touched for a week.
   * @param mayDrop false while the clock may be wrong: nothing is deleted
   * @returns how many of each
   */
  sweep(how: { mayDrop: boolean }): Promise<{ finished: number; dropped: number }>
}

export const uploadsPath = '/files/uploads'

/**
 * Resumable uploads (tus 1.0). An upload's id begins with who made it, so nobody else can go on with it or even see that it exists, and names the
 * gateway where its pieces lie: behind one address for several, a client that comes to another one hears UPLOAD_ELSEWHERE and begins anew. A complete
 * upload is hashed and only then gets its name in the file store; the answer to its last piece means "it is on the disk under its hash".
 */
export function createUploads(parts: {
  folder: string
  files: FileStore
  store: DocumentStore
  log: Logger
  clock: Clock
  onStored(ownerId: string, sha256: string): void
  /** Is told of every picture before its upload is answered. */
  ownUploads: OwnUploads
  /** Is told of everything that was stored. */
  holders: Pick<FileHolders, 'note'>
  /** Stands in every upload's id: another gateway knows that it is not its own. */
  gatewayId: string
  /** Bytes free on the disk of the folder; asks the system when absent. */
  freeBytes?: () => Promise<number>
}): Uploads {
  const { folder, files, store, log } = parts
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const current = new AsyncLocalStorage<Uploader>()
  const freeBytes =
    parts.freeBytes ??
    (async () => {
      const { bavail, bsize } = await statfs(folder)
      return bavail * bsize
    })
  // Not before the first upload: its constructor makes the folder in the background, where nobody could hear that it failed, and a gateway that
  // ends at once would have taken the folder away by then.
  let opened: TusFileStore | null = null
  const datastore = () => (opened ??= new TusFileStore({ directory: folder }))

  async function onUploadCreate(_request: unknown, upload: Upload) {
    const target = await uploadTarget(store, uploaderNow(current), upload.metadata)
    if (!target.ok) throw refuse(target.error)
    const { metadata } = target.value
    const limit = uploadLimits[metadata.purpose]
    if (upload.size === undefined) throw refuse(appError('REQUEST_INVALID', { reason: 'the length must be given' }))
    if (upload.size > limit) throw refuse(appError('FILE_TOO_LARGE', { name: metadata.name, limitMiB: limit / 1024 ** 2 }))
    if ((await freeBytes()) < upload.size + keepFreeBytes) throw refuse(appError('DISK_FULL', { what: metadata.name }))
    return {}
  }

  /** Checks the hash and hands the file over. Safe to repeat: what is already stored is not touched. */
  async function finish(uploader: Uploader, upload: Upload): Promise<void> {
    const target = await uploadTarget(store, uploader, upload.metadata)
    if (!target.ok) throw refuse(target.error)
    const { ownerId, metadata } = target.value
    const path = join(folder, upload.id)
    if ((await sha256OfFile(path)) !== metadata.sha256) {
      await forget(upload.id)
      throw refuse(appError('FILE_HASH_MISMATCH', { name: metadata.name }))
    }
    const { taskId, frame, sha256 } = metadata
    const isPicture = metadata.purpose === 'output' && taskId !== undefined && frame !== undefined
    try {
      await files.commit(ownerId, sha256, path)
      if (isPicture) await parts.ownUploads.add({ taskId, frame, sha256 })
    } catch (thrown) {
      // What the upload's last piece is answered with; it is here in full, so that asking where it goes on tries this again.
      throw thrown instanceof AppErrorException ? refuse(thrown.error) : thrown
    }
    await rm(`${path}.json`, { force: true })
    // Nobody waits for it: until the others know, they only say that they do not have it.
    parts.holders
      .note(isPicture ? { taskId, frame, sha256 } : { ownerId, sha256 })
      .catch((thrown: unknown) => log.warn('other gateways do not know who has a file', { sha256, reason: toAppError(thrown).message }))
    parts.onStored(ownerId, metadata.sha256)
  }

  const createServer = () =>
    new TusServer({
      path: uploadsPath,
      datastore: datastore(),
      relativeLocation: true,
      // No other origin has business here.
      allowedOrigins: [],
      namingFunction: () => `${prefixOf(uploaderNow(current))}.${parts.gatewayId}.${randomBytes(16).toString('hex')}`,
      async onIncomingRequest(request, id) {
        // Somebody else's upload looks exactly like none at all.
        if (!id.startsWith(`${prefixOf(uploaderNow(current))}.`)) throw refuse(appError('NOT_FOUND'))
        const holder = gatewayOf(id)
        if (holder !== null && holder !== parts.gatewayId) throw refuse(appError('UPLOAD_ELSEWHERE', { holder }))
        // Many uploads that each fitted when they began may not fit together.
        if (request.method === 'PATCH' && (await freeBytes()) < keepFreeBytes + Number(request.headers.get('content-length') ?? 0))
          throw refuse(appError('DISK_FULL', { what: 'the upload' }))
      },
      onUploadCreate,
      async onUploadFinish(_request, upload) {
        await finish(uploaderNow(current), upload)
        return {}
      },
      onResponseError: async (_request, thrown) => {
        if ('status_code' in thrown && thrown.body.startsWith('{')) return undefined
        // The library hides why a piece could not be written; a full disk is by far the likeliest and the one to be told apart.
        if ('status_code' in thrown && thrown.status_code >= 500 && (await freeBytes()) < keepFreeBytes)
          return refuse(appError('DISK_FULL', { what: 'the upload' }))
        return undefined
      },
    })
  let server: TusServer | null = null
  const tus = () => (server ??= createServer())

  /**
   * A process that ended between the last byte and the hand-over, or a store that was away at that moment, leaves a complete upload: the client would
   * take it for done. Returns its size when it is handed over now.
   */
  async function finishIfComplete(id: string): Promise<number | null> {
    const upload = await datastore()
      .getUpload(id)
      .catch(() => null)
    const uploader = uploaderOf(id)
    if (!upload || !uploader || upload.size === undefined || upload.offset < upload.size) return null
    await finish(uploader, upload)
    return upload.size
  }

  /** Asked where a complete upload goes on: at its end, as tus would say, if it had not just been handed over. */
  async function answerComplete(uploader: Uploader, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const id = (request.url ?? '').replace(/\?.*$/s, '').replace(/^.*\//s, '')
    if (request.method !== 'HEAD' || !id.startsWith(`${prefixOf(uploader)}.`)) return false
    const always = { 'tus-resumable': '1.0.0', 'cache-control': 'no-store' }
    try {
      const sizeBytes = await finishIfComplete(id)
      if (sizeBytes === null) return false
      response.writeHead(200, { ...always, 'upload-offset': String(sizeBytes), 'upload-length': String(sizeBytes) }).end()
    } catch (thrown) {
      if (!(thrown instanceof UploadRefusal)) throw thrown
      response.writeHead(thrown.status_code, always).end()
    }
    return true
  }

  async function forget(id: string): Promise<void> {
    await rm(join(folder, id), { force: true })
    await rm(join(folder, `${id}.json`), { force: true })
  }

  return {
    handle: (uploader, request, response) =>
      current.run(uploader, async () => {
        if (!(await answerComplete(uploader, request, response))) await tus().handle(request, response)
      }),
    async sweep({ mayDrop }) {
      let finished = 0
      let dropped = 0
      const names = new Set(await readdir(folder))
      const isOld = ({ mtimeMs }: { mtimeMs: number }) => mayDrop && parts.clock.now() - mtimeMs > durations.uploadAbandonedAfterMs
      for (const name of names) {
        const facts = await stat(join(folder, name)).catch(() => null)
        if (!facts) continue
        if (name.endsWith('.json')) {
          // What a process that ended right after the hand-over left of an upload.
          if (!names.has(name.slice(0, -5)) && isOld(facts)) await rm(join(folder, name), { force: true })
          continue
        }
        try {
          if ((await finishIfComplete(name)) !== null) finished += 1
          else if (isOld(facts)) {
            await forget(name)
            dropped += 1
          }
        } catch (thrown) {
          log.warn('an upload could not be taken over', { name, reason: refusedAs(thrown).message })
        }
      }
      return { finished, dropped }
    },
  }
}

function refusedAs(thrown: unknown): AppError {
  return typeof thrown === 'object' && thrown !== null && 'error' in thrown ? (thrown.error as AppError) : toAppError(thrown)
}

function uploaderNow(current: AsyncLocalStorage<Uploader>): Uploader {
  const uploader = current.getStore()
  if (!uploader) throw new Error('an upload outside of a request')
  return uploader
}

const prefixOf = (uploader: Uploader): string =>
  Buffer.from(JSON.stringify([uploader.ownerId, uploader.nodeId, uploader.isOwner])).toString('base64url')

/** null: of a version that did not say. */
function gatewayOf(id: string): string | null {
  const parts = id.split('.')
  return parts.length > 2 ? (parts[1] ?? null) : null
}

function uploaderOf(id: string): Uploader | null {
  try {
    // Safe: only `prefixOf` writes these, and what is not of this shape throws or fits nothing.
    const [ownerId, nodeId, isOwner] = JSON.parse(Buffer.from(id.split('.')[0] ?? '', 'base64url').toString()) as [
      string,
      string | null,
      boolean,
    ]
    return { ownerId, nodeId, isOwner }
  } catch {
    return null
  }
}
