import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { recallHousehold } from '../../launch/firstStart.ts'
import { readInstance, type Instance } from '../../launch/instanceFile.ts'
import { serverClient, type ServerClient } from '../../launch/serverClient.ts'
import { ownerAt } from './signInTo.ts'

/** The instance on the data folder. Throws NOT_RUNNING (exit code 3) when none runs. */
export function runningInstance(dataFolder: string): Instance {
  const instance = readInstance(dataFolder)
  if (instance !== null) return instance
  throw new AppErrorException(appError('NOT_RUNNING', { path: dataFolder }))
}

/** Acts as the owner: of the instance on the data folder, or at a server signed in to before. Rejects with SIGN_IN_NEEDED, NOT_SIGNED_IN, NOT_RUNNING. */
export async function ownerClient(dataFolder: string, serverUrl: string | undefined): Promise<ServerClient> {
  if (serverUrl !== undefined) return (await ownerAt(serverUrl, {})).owner
  const { gatewayUrl } = runningInstance(dataFolder)
  const { ownerToken } = recallHousehold(dataFolder)
  if (gatewayUrl === null || ownerToken === null) throw new AppErrorException(appError('NOT_SIGNED_IN'))
  return serverClient(gatewayUrl, ownerToken)
}
