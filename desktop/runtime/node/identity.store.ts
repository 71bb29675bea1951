import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { idSchema } from '#shared/ids.ts'
import { setAside } from '../storage/healing/setAside.ts'
import { writeDurably } from '../storage/durableFile.ts'
import { noSeal, type Seal } from '../storage/seal.ts'

/** Who this node is towards one server; the key never leaves the folder (mode 0600). */
export interface NodeIdentity extends StoredIdentity {
  /** Raw Ed25519 public key, base64url. */
  publicKey: string
  /** Ed25519 signature of the UTF-8 text, base64url. */
  sign(text: string): string
}

const storedSchema = z.looseObject({
  nodeId: idSchema,
  ownerId: idSchema,
  ownerName: z.string(),
  serverId: idSchema,
  serverUrl: z.string(),
  /** Hash of the enrolment token that was used, so that importing the same file twice enrols once. */
  enrolledWith: z.string(),
})
export type StoredIdentity = z.infer<typeof storedSchema>

export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex')

export interface KeyPair {
  privatePem: string
  publicKey: string
}

export function makeKeyPair(): KeyPair {
  const { privateKey } = generateKeyPairSync('ed25519')
  return { privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), publicKey: rawPublicKey(privateKey) }
}

/**
 * The identity kept in a world's folder, or null when there is none yet. Rejects with SECRETS_LOCKED (the key is sealed, and not with this seal) or
 * IDENTITY_DAMAGED (a file cannot be read, or one of the two is lost); nothing is changed then. A key that lies open is sealed.
 */
export async function loadIdentity(folder: string, seal: Seal = noSeal): Promise<NodeIdentity | null> {
  const text = await readFile(join(folder, 'identity.json'), 'utf8').catch(nothingThere)
  const kept = await readFile(join(folder, 'node.key'), 'utf8').catch(nothingThere)
  // A key alone is that of an enrolment that was cut: the identity is written last.
  if (text === null) return null
  if (kept === null) throw damaged(folder, 'node.key', 'it is missing')
  const stored = readable(folder, 'identity.json', () => storedSchema.parse(JSON.parse(text)))
  const pem = seal.open(kept)
  const { key, publicKey } = readable(folder, 'node.key', () => {
    const made = createPrivateKey(pem)
    return { key: made, publicKey: rawPublicKey(made) }
  })
  if (seal.wants(kept)) await write(folder, 'node.key', seal.seal(pem))
  return { ...stored, publicKey, sign: (message) => signature(key, message) }
}

const damaged = (folder: string, file: string, reason: string, cause?: unknown) =>
  new AppErrorException(appError('IDENTITY_DAMAGED', { path: join(folder, file), reason, world: basename(folder).replaceAll('~', ':') }), {
    cause,
  })

function readable<Value>(folder: string, file: string, read: () => Value): Value {
  try {
    return read()
  } catch (thrown) {
    // What was thrown may hold what stands in the file, which is a secret.
    throw damaged(folder, file, 'it cannot be read', thrown instanceof Error ? thrown.name : undefined)
  }
}

/** For a world that had an identity: without one it would begin as somebody else, and what it holds would be nobody's. */
export const lostIdentity = (folder: string): AppErrorException => damaged(folder, 'identity.json', 'it is missing')

/** Before a new identity takes its place: what cannot be read any more is kept in `damaged/`. */
export function setAsideIdentity(folder: string, nowMs: number): void {
  for (const file of ['identity.json', 'node.key']) if (existsSync(join(folder, file))) setAside(join(folder, file), nowMs)
}

/** Writes key and identity durably; the identity last, so that one without its key is never found. */
export async function saveIdentity(folder: string, identity: StoredIdentity, keys: KeyPair, seal: Seal = noSeal): Promise<NodeIdentity> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await write(folder, 'node.key', seal.seal(keys.privatePem))
  await write(folder, 'identity.json', `${JSON.stringify(identity, null, 2)}\n`)
  const key = createPrivateKey(keys.privatePem)
  return { ...identity, publicKey: keys.publicKey, sign: (message) => signature(key, message) }
}

/** The key made for an enrolment that was not answered yet: repeating it with the same key is the same enrolment. */
export async function pendingKeys(folder: string, seal: Seal = noSeal): Promise<KeyPair> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const kept = await readFile(join(folder, 'node.key.pending'), 'utf8').catch(nothingThere)
  if (kept !== null) {
    const privatePem = seal.open(kept)
    return { privatePem, publicKey: rawPublicKey(createPrivateKey(privatePem)) }
  }
  const made = makeKeyPair()
  await write(folder, 'node.key.pending', seal.seal(made.privatePem))
  return made
}
export const forgetPendingKeys = (folder: string): Promise<void> => rm(join(folder, 'node.key.pending'), { force: true })

async function write(folder: string, name: string, text: string): Promise<void> {
  const written = await writeDurably(join(folder, name), text)
  if (!written.ok) throw new AppErrorException(written.error)
}

function rawPublicKey(key: KeyObject): string {
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  if (x === undefined) throw new Error('the node key is not an Ed25519 key')
  return x
}

const signature = (key: KeyObject, message: string): string => sign(null, Buffer.from(message, 'utf8'), key).toString('base64url')

function nothingThere(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}
