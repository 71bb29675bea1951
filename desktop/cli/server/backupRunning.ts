import { setTimeout as delay } from 'node:timers/promises'
import { AppErrorException } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { readInstance } from '../../launch/instanceFile.ts'
import { operatorClient } from '../../launch/operator.ts'
import { openDataFolder } from '../../launch/dataFolder.ts'

const askEveryMs = 300

/** Has the server that runs on this data folder back itself up. null: none runs there. */
export async function backupRunning(
  dataFolder: string,
  folder: string,
  onProgress: (done: number, total: number) => void,
): Promise<Result<object> | null> {
  const instance = readInstance(dataFolder)
  if (instance === null || instance.kind === 'worker' || instance.gatewayUrl === null) return null
  const operator = operatorClient(openDataFolder(dataFolder).gateway, instance.gatewayUrl)
  try {
    const { backupId } = await operator.call('server.backup', { folder })
    for (;;) {
      const { done, total, report } = await operator.call('server.backupState', { backupId })
      onProgress(done, total)
      if (report !== null) return ok(report)
      await delay(askEveryMs)
    }
  } catch (thrown) {
    if (thrown instanceof AppErrorException) return err(thrown.error)
    throw thrown
  }
}
