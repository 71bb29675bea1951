import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { Command } from 'commander'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { readInstance } from '../../launch/instanceFile.ts'
import { exitCodes } from '../console/exitCodes.ts'
import { dataPath, type CliContext } from '../context.ts'
import { dataOption, jsonOption } from '../options.ts'

const answerWithinMs = 5_000

/** `pictor server health`: does the gateway on the data folder answer, and does its store? For containers and service managers. */
export function serverHealthCommand(context: CliContext): Command {
  return new Command('health')
    .description('whether the server on the data folder answers; exit code 3 when it does not, 1 when its store does not')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action((options: { data?: string; json?: boolean }) =>
      context.run(options.json, async (terminal) => {
        const url = readInstance(dataPath(options.data))?.gatewayUrl
        if (url == null) throw new AppErrorException(appError('NOT_RUNNING', { path: dataPath(options.data) }))
        const ready = (await statusOf(new URL('/health', url))) === 200
        terminal.print(ready ? 'ready' : 'not ready: its store does not answer')
        return { value: { live: true, ready }, exitCode: ready ? exitCodes.ok : exitCodes.failed }
      }),
    )
}

/** Rejects with SERVER_UNREACHABLE. */
function statusOf(url: URL): Promise<number> {
  return new Promise((resolve, reject) => {
    const unreachable = (reason: string) => reject(new AppErrorException(appError('SERVER_UNREACHABLE', { server: url.host, reason })))
    // It is our own process on this computer; its certificate is for another name.
    const options = { timeout: answerWithinMs, rejectUnauthorized: false }
    const request = (url.protocol === 'https:' ? tlsRequest : plainRequest)(url, options, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    request.on('timeout', () => request.destroy(new Error(`no answer within ${answerWithinMs / 1_000} s`)))
    request.on('error', ({ message }) => unreachable(message))
    request.end()
  })
}
