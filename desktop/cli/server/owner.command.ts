import { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { dataPath } from '../context.ts'
import { couchOption, dataOption, jsonOption } from '../options.ts'
import { withGateway } from './withGateway.ts'

interface OwnerOptions {
  data?: string
  couch?: string
  json?: boolean
}

/** `pictor server owner add NAME` */
export function ownerCommand(context: CliContext): Command {
  const add = new Command('add')
    .description('add an owner; prints a one-time secret to sign in with (15 minutes). A password may be given in PICTOR_PASSWORD')
    .argument('<name>', 'name of the account')
    .addOption(dataOption())
    .addOption(couchOption())
    .addOption(jsonOption())
    .action((name: string, options: OwnerOptions) =>
      context.run(options.json, (terminal) =>
        withGateway(dataPath(options.data), options.couch, context, terminal, async ({ operator, url, running }) => {
          const password = process.env['PICTOR_PASSWORD']
          const { ownerId, signInSecret } = await operator.call('owners.add', { name, ...(password === undefined ? {} : { password }) })
          terminal.print(`Added the owner ${name} (${ownerId}).`)
          terminal.print(
            running ? `Sign in, once, within 15 minutes:\n\n  ${url}/#link=${signInSecret}` : `One-time sign-in secret: ${signInSecret}`,
          )
          return { value: { ownerId, name, signInSecret, ...(running ? { serverUrl: url } : {}) } }
        }),
      ),
    )
  return new Command('owner').description('owners of this server').addCommand(add)
}
