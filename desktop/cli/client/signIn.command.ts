import { Command, Option } from 'commander'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { CliContext } from '../context.ts'
import { accountOption, jsonOption, parseServerUrl, secretOption } from '../options.ts'
import { signInWith } from './signInTo.ts'

interface SignInOptions {
  server: string
  secret?: string
  account?: string
  /** The older word for `account`. */
  name?: string
  json?: boolean
}

/** `pictor sign-in`: a session with a server elsewhere, for `submit --server` and `status --server`. */
export function signInCommand(context: CliContext): Command {
  return new Command('sign-in')
    .description('sign in to a server elsewhere as its owner; the session is kept in a file only you can read')
    .addOption(new Option('--server <url>', 'address of the server').argParser(parseServerUrl).makeOptionMandatory())
    .addOption(secretOption())
    .addOption(accountOption())
    .addOption(new Option('--name <name>').hideHelp())
    .addOption(jsonOption())
    .action(({ server, secret, account, name }: SignInOptions, command: Command) =>
      context.run(command.opts<SignInOptions>().json, async (terminal) => {
        const session = await signInWith(server, { secret, account: account ?? name })
        if (session === null) throw new AppErrorException(appError('SIGN_IN_NEEDED', { server }))
        const { ownerId, ownerName } = session
        terminal.print(`Signed in to ${server} as ${ownerName}.`)
        return { value: { server, ownerId, ownerName } }
      }),
    )
}
