import { enrolReplySchema } from '#shared/api/gatewayRoutes.ts'
import type { WorkerConfig } from '#shared/api/workerConfig.ts'
import { appError, toAppError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import {
  forgetPendingKeys,
  loadIdentity,
  pendingKeys,
  saveIdentity,
  setAsideIdentity,
  tokenHash,
  type NodeIdentity,
} from '../node/identity.store.ts'
import type { Seal } from '../storage/seal.ts'
import { askServer, greetServer } from './askServer.ts'

/**
 * Makes this computer the config's worker: a key of its own, registered with the token. A config that was already used here is
 * answered with the identity it gave, unless it is to enrol `anew`. One that cannot be read any more is replaced, and kept aside. Errors: CONFIG_OTHER_SERVER, CONFIG_EXPIRED, ENROLMENT_REFUSED, SERVER_UNREACHABLE.
 */
export async function enrol(config: WorkerConfig, worldFolder: string, seal: Seal, anew = false): Promise<Result<NodeIdentity>> {
  const { known, isDamaged } = anew ? { known: null, isDamaged: false } : await knownIn(worldFolder, seal)
  if (known?.enrolledWith === tokenHash(config.enrolmentToken)) return ok({ ...known, serverUrl: config.serverUrl })
  const hello = await greetServer(config.serverUrl)
  if (!hello.ok) return hello
  if (hello.value.serverId !== config.serverId)
    return err(appError('CONFIG_OTHER_SERVER', { configServer: config.serverId, actualServer: hello.value.serverId }))
  // By the server's clock: this computer's may be hours off.
  if (hello.value.serverTimeMs >= config.expiresAt) return err(appError('CONFIG_EXPIRED'))
  const keys = await pendingKeys(worldFolder, seal)
  const answer = await askServer(config.serverUrl, '/api/enrol', {
    enrolmentToken: config.enrolmentToken,
    publicKey: keys.publicKey,
    workerName: config.workerName,
  })
  if (!answer.ok) return answer
  const reply = enrolReplySchema.safeParse(answer.value)
  if (!reply.success) return err(appError('ENROLMENT_REFUSED', { reason: 'the answer cannot be read' }))
  const { nodeId, ownerId, ownerName, serverId } = reply.data
  const stored = { nodeId, ownerId, ownerName, serverId, serverUrl: config.serverUrl, enrolledWith: tokenHash(config.enrolmentToken) }
  if (isDamaged) setAsideIdentity(worldFolder, Date.now())
  const identity = await saveIdentity(worldFolder, stored, keys, seal)
  await forgetPendingKeys(worldFolder)
  return ok(identity)
}

async function knownIn(folder: string, seal: Seal): Promise<{ known: NodeIdentity | null; isDamaged: boolean }> {
  try {
    return { known: await loadIdentity(folder, seal), isDamaged: false }
  } catch (thrown) {
    if (toAppError(thrown).code !== 'IDENTITY_DAMAGED') throw thrown
    return { known: null, isDamaged: true }
  }
}
