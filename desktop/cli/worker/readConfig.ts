import { readFileSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { workerConfigSchema, type WorkerConfig } from '#shared/api/workerConfig.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { readPrivateJson, writePrivateJson } from '../../launch/privateFile.ts'
import { serverClient } from '../../launch/serverClient.ts'
import { typedPath } from '../context.ts'

/** Who this node works for: a file, a token with its server, or null for what the node knows from before. Throws REQUEST_INVALID and as below. */
export async function configOf({ config, server, enroll }: ConfigOptions, dataFolder: string): Promise<WorkerConfig | null> {
  if (config !== undefined && (server !== undefined || enroll !== undefined))
    throw misuse('give either --config, or --server with --enroll')
  if ((server === undefined) !== (enroll === undefined)) throw misuse('--server and --enroll go together')
  if (config !== undefined) return readConfigFile(typedPath(config))
  if (server !== undefined && enroll !== undefined) return configFromToken(dataFolder, server, enroll)
  return readPrivateJson(join(dataFolder, setupFile), workerConfigSchema)
}

/** A config that was left for the first start by `worker install`; it goes when that succeeded. */
export const setupFile = 'setup.json'

export const forgetSetup = (dataFolder: string): void => rmSync(join(dataFolder, setupFile), { force: true })

export interface ConfigOptions {
  config?: string
  server?: string
  enroll?: string
}

const misuse = (reason: string) => new AppErrorException(appError('REQUEST_INVALID', { reason }))

/** Reads a worker config file. Throws AppErrorException CONFIG_MALFORMED {path, reason}. */
function readConfigFile(path: string): WorkerConfig {
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

/**
 * What a config file would say, from a server's address and an enrolment token: the server is asked what the token is for. The answer is kept in
 * the data folder, because the same command is given at every start (in containers it is the only one), also while the server is away or when
 * the token is used up. Rejects with ENROLMENT_REFUSED, CONFIG_EXPIRED, SERVER_UNREACHABLE.
 */
async function configFromToken(dataFolder: string, serverUrl: string, enrolmentToken: string): Promise<WorkerConfig> {
  if (!workerConfigSchema.shape.enrolmentToken.safeParse(enrolmentToken).success)
    throw new AppErrorException(appError('REQUEST_INVALID', { reason: 'what stands behind --enroll is no enrolment token' }))
  const kept = join(dataFolder, 'enrolment.json')
  const known = readPrivateJson(kept, workerConfigSchema)
  if (known?.enrolmentToken === enrolmentToken) return { ...known, serverUrl }
  const { serverId, ownerId, ownerName, workerId, workerName, expiresAt } = await serverClient(serverUrl).aboutEnrolment(enrolmentToken)
  const config: WorkerConfig = {
    ...{ format: 'pictor-worker-config', formatVersion: 1, serverUrl, serverId, enrolmentToken, ownerId, ownerName, workerId, expiresAt },
    workerName: workerId === null ? hostname() : workerName,
  }
  // Before it enrols: when the answer to that is lost, the token counts as used up already.
  writePrivateJson(kept, config)
  return config
}
