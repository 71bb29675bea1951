import { Command, Option } from 'commander'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { serverClient } from '../../launch/serverClient.ts'
import type { CliContext } from '../context.ts'
import { jsonOption, parseServerUrl } from '../options.ts'
import { saveSession } from './savedSessions.ts'

interface SignInOptions {
  server: string
  secret?: string
  name?: string
  json?: boolean
}

/** `pictor sign-in`: a session with a server elsewhere, for `submit --server` and `status --server`. */
export function signInCommand(context: CliContext): Command {
  return new Command('sign-in')
    .description('sign in to a server elsewhere as its owner; the session is kept in a file only you can read')
    .addOption(new Option('--server <url>', 'address of the server').argParser(parseServerUrl).makeOptionMandatory())
    .addOption(new Option('--secret <secret>', 'a one-time secret (from `pictor server owner add`)').env('PICTOR_SECRET'))
    .addOption(new Option('--name <name>', 'name of the account; the password is taken from PICTOR_PASSWORD'))
    .addOption(jsonOption())
    .action((options: SignInOptions) =>
      context.run(options.json, async (terminal) => {
        const client = serverClient(options.server)
        const password = process.env['PICTOR_PASSWORD']
        const session =
          options.secret !== undefined
            ? await client.signInByLink(options.secret)
            : options.name !== undefined && password !== undefined
              ? await client.signInByPassword(options.name, password)
              : missing()
        const { ownerId, ownerName, token, expiresAtMs } = session
        if (token === undefined) throw new AppErrorException(appError('UNEXPECTED', { reason: 'the server gave no token' }))
        saveSession(options.server, { ownerId, ownerName, token, expiresAtMs })
        terminal.print(`Signed in to ${options.server} as ${ownerName}.`)
        return { value: { server: options.server, ownerId, ownerName } }
      }),
    )
}

function missing(): never {
  throw new AppErrorException(appError('REQUEST_INVALID', { reason: 'give --secret, or --name with the password in PICTOR_PASSWORD' }))
}
