import type { WorkerConfig } from '#shared/api/workerConfig.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { greetServer } from './askServer.ts'

/** What a config would do, before it is imported. Errors: CONFIG_OTHER_SERVER, CONFIG_EXPIRED; an unreachable server is no error yet. */
export async function previewConfig(config: WorkerConfig): Promise<Result<{ serverUrl: string; ownerName: string; workerName: string }>> {
  const { serverUrl, ownerName, workerName, serverId, expiresAt } = config
  const hello = await greetServer(serverUrl)
  if (hello.ok && hello.value.serverId !== serverId)
    return err(appError('CONFIG_OTHER_SERVER', { configServer: serverId, actualServer: hello.value.serverId }))
  if (hello.ok && hello.value.serverTimeMs >= expiresAt) return err(appError('CONFIG_EXPIRED'))
  return ok({ serverUrl, ownerName, workerName })
}
