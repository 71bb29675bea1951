import { readFileSync } from 'node:fs'
import { workerConfigSchema, type WorkerConfig } from '#shared/api/workerConfig.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { serverClient } from '../../launch/serverClient.ts'

/** Reads a worker config file. Throws AppErrorException CONFIG_MALFORMED {path, reason}. */
export function readConfigFile(path: string): WorkerConfig {
  const malformed = (reason: string) => new AppErrorException(appError('CONFIG_MALFORMED', { path, reason }))
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw malformed(error instanceof SyntaxError ? 'it is not JSON' : 'there is no such file, or it may not be read')
  }
  const parsed = workerConfigSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw malformed(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unknown'}`)
}

/** What a config file would say, from a server's address and an enrolment token; the server says the rest when the node enrols. */
export async function configFromToken(serverUrl: string, enrolmentToken: string, workerName: string): Promise<WorkerConfig> {
  if (!workerConfigSchema.shape.enrolmentToken.safeParse(enrolmentToken).success)
    throw new AppErrorException(appError('REQUEST_INVALID', { reason: 'what stands behind --enroll is no enrolment token' }))
  const { serverId, serverTimeMs } = await serverClient(serverUrl).hello()
  return {
    ...{ format: 'pictor-worker-config', formatVersion: 1, serverUrl, serverId, enrolmentToken, workerName, workerId: null },
    ...{ ownerId: 'by-token', ownerName: '', expiresAt: serverTimeMs + tokenTrustMs },
  }
}

/** The token's own end is the server's to judge; this only has to lie ahead. */
const tokenTrustMs = 3_600_000
