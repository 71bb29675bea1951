import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppErrorException } from '#shared/errors/appError.ts'
import { idSchema } from '#shared/ids.ts'
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
 * The identity kept in a world's folder, or null when there is none yet. Rejects when the file is there but cannot be read (SECRETS_LOCKED: the key is
 * sealed, and not with this seal). A key that lies open is sealed.
 */
export async function loadIdentity(folder: string, seal: Seal = noSeal): Promise<NodeIdentity | null> {
  const text = await readFile(join(folder, 'identity.json'), 'utf8').catch(nothingThere)
  const kept = await readFile(join(folder, 'node.key'), 'utf8').catch(nothingThere)
  if (text === null || kept === null) return null
  const pem = seal.open(kept)
  const key = createPrivateKey(pem)
  if (seal.wants(kept)) await write(folder, 'node.key', seal.seal(pem))
  return { ...storedSchema.parse(JSON.parse(text)), publicKey: rawPublicKey(key), sign: (message) => signature(key, message) }
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
