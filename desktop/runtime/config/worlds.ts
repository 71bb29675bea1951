import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { WorkerConfig } from '#shared/api/workerConfig.ts'
import { makeId } from '#shared/ids.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { loadIdentity, lostIdentity, makeKeyPair, saveIdentity, type NodeIdentity } from '../node/identity.store.ts'
import { folderNameOf } from '../tasks/results/resultStore.ts'
import type { Seal } from '../storage/seal.ts'
import { enrol } from './enrol.ts'

/**
 * A world is one owner on one server: a folder with a database, an identity and files of its own. What was rendered in another
 * world (for oneself, before a config was imported) stays there, untouched.
 */
export interface World {
  name: string
  folder: string
  identity: NodeIdentity
}

/** Where the name of the current world is kept. */
export interface WorldPointer {
  read(): string | null
  write(name: string): void
}

const localServerId = 'local'

const worldNameOf = (serverId: string, ownerId: string): string => folderNameOf(`${serverId}-${ownerId}`)

/** Opens the world of a config and makes it the current one. `anew`: as another worker than before. Errors: as `enrol`; the current world then stays. */
export async function enterWorld(
  dataFolder: string,
  config: WorkerConfig,
  pointer: WorldPointer,
  seal: Seal,
  anew = false,
): Promise<Result<World>> {
  const name = worldNameOf(config.serverId, config.ownerId)
  const folder = folderOf(dataFolder, name)
  const identity = await enrol(config, folder, seal, anew)
  if (!identity.ok) return err(identity.error)
  pointer.write(name)
  return ok({ name, folder, identity: identity.value })
}

/** The world that was current when the runtime last stopped; on a fresh computer a local one without a server. Rejects as `loadIdentity`. */
export async function currentWorld(dataFolder: string, pointer: WorldPointer, seal: Seal): Promise<World> {
  const name = pointer.read() ?? (await lastUsedWorld(dataFolder))
  const identity = name === null ? null : await loadIdentity(folderOf(dataFolder, name), seal)
  if (name !== null && identity === null && existsSync(join(folderOf(dataFolder, name), 'documents.sqlite')))
    throw lostIdentity(folderOf(dataFolder, name))
  if (name !== null && identity !== null) {
    if (pointer.read() === null) pointer.write(name)
    return { name, folder: folderOf(dataFolder, name), identity }
  }
  return localWorld(dataFolder, pointer, seal)
}

/** Where the pointer was lost with the database that held it: the world whose databases were written to last. null on a fresh computer. */
async function lastUsedWorld(dataFolder: string): Promise<string | null> {
  const names = await readdir(join(dataFolder, 'worlds')).catch(() => [])
  const files = ['documents.sqlite', 'documents.sqlite-wal', 'local.sqlite', 'local.sqlite-wal', 'identity.json']
  const used = await Promise.all(
    names.map(async (name) => {
      const found = await Promise.all(files.map((file) => stat(join(folderOf(dataFolder, name), file)).catch(() => null)))
      return { name, atMs: found.at(-1) === null ? 0 : Math.max(...found.map((one) => one?.mtimeMs ?? 0)) }
    }),
  )
  const [last] = used.filter(({ atMs }) => atMs > 0).sort((a, b) => b.atMs - a.atMs)
  return last?.name ?? null
}

async function localWorld(dataFolder: string, pointer: WorldPointer, seal: Seal): Promise<World> {
  const name = worldNameOf(localServerId, 'owner')
  const folder = folderOf(dataFolder, name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const known = await loadIdentity(folder, seal)
  const made = {
    nodeId: makeId('node', randomBytes(20)),
    ownerId: makeId('owner', randomBytes(20)),
    ownerName: '',
    serverId: localServerId,
    serverUrl: '',
    enrolledWith: '',
  }
  const identity = known ?? (await saveIdentity(folder, made, makeKeyPair(), seal))
  pointer.write(name)
  return { name, folder, identity }
}

const folderOf = (dataFolder: string, name: string) => join(dataFolder, 'worlds', name)
