import { join } from 'node:path'
import { z } from 'zod'
import type { WorkerConfig } from '#shared/api/workerConfig.ts'
import { toAppError } from '#shared/errors/appError.ts'
import type { ServerClient } from './serverClient.ts'
import { readPrivateJson, writePrivateJson } from './privateFile.ts'

/** What one computer remembers of its own gateway, readable by this user only. */
const householdSchema = z.looseObject({
  gatewayPort: z.number().int(),
  ownerId: z.string().nullable(),
  nodeId: z.string().nullable(),
  /** The owner's session of this computer (30 days, renewed at a start), so that its own page is the owner's dashboard. */
  ownerToken: z.string().nullable(),
})
export type HouseholdMemory = z.infer<typeof householdSchema>

const pathIn = (dataFolder: string) => join(dataFolder, 'household.json')
const sealedMark = 'keychain:'

/** Locks texts with the system's keychain (desktop app only). */
export interface TokenLock {
  seal(text: string): string
  /** Null when the system does not open it. */
  open(text: string): string | null
}

/** A token that cannot be opened here counts as none: the owner of this computer gets a new session. */
export function recallHousehold(dataFolder: string, lock: TokenLock | null = null): HouseholdMemory {
  const memory = readPrivateJson(pathIn(dataFolder), householdSchema) ?? { gatewayPort: 0, ownerId: null, nodeId: null, ownerToken: null }
  if (!memory.ownerToken?.startsWith(sealedMark)) return memory
  return { ...memory, ownerToken: lock?.open(memory.ownerToken.slice(sealedMark.length)) ?? null }
}
export function rememberHousehold(dataFolder: string, memory: HouseholdMemory, lock: TokenLock | null = null): void {
  const { ownerToken } = memory
  writePrivateJson(
    pathIn(dataFolder),
    lock === null || ownerToken === null ? memory : { ...memory, ownerToken: sealedMark + lock.seal(ownerToken) },
  )
}

export interface OwnerHere {
  ownerId: string
  token: string
}

/**
 * The owner of this computer and a session that lasts: made without questions on the first start, found again later.
 * `operator` may command the gateway.
 */
export async function ensureOwner(operator: ServerClient, memory: HouseholdMemory, name: string): Promise<OwnerHere> {
  const { owners } = await operator.call('owners.list', {})
  const known = owners.find(({ ownerId }) => ownerId === memory.ownerId) ?? owners[0]
  if (known && memory.ownerToken !== null && known.ownerId === memory.ownerId && (await isGood(operator.withToken(memory.ownerToken))))
    return { ownerId: known.ownerId, token: memory.ownerToken }
  const secret = known
    ? (await operator.call('owners.link', { ownerId: known.ownerId })).secret
    : (await operator.call('owners.add', { name })).signInSecret
  const session = await operator.signInByLink(secret)
  if (session.token === undefined) throw new Error('the gateway gave no token to a sign-in that asked for one')
  return { ownerId: session.ownerId, token: session.token }
}

async function isGood(client: ServerClient): Promise<boolean> {
  try {
    await client.request('/api/session')
    return true
  } catch (error) {
    const { code } = toAppError(error)
    if (code === 'NOT_SIGNED_IN' || code === 'NOT_ALLOWED') return false
    throw error
  }
}

/** A worker of the owner for this computer, with the config that enrols it. */
export async function makeWorker(operator: ServerClient, ownerId: string, name: string): Promise<{ nodeId: string; config: WorkerConfig }> {
  const { worker, config } = await operator.call('workers.create', { name, ownerId })
  return { nodeId: worker.id, config }
}
