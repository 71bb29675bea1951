import { writeFile } from 'node:fs/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { PayoutSummary } from '#shared/api/gatewayCalls.ts'
import type { JsonObject } from '#shared/json.ts'
import { formatMicro, microFromDocument, microPerPictor } from '#shared/money.ts'
import { dataPath, typedPath, type CliContext } from '../context.ts'
import { couchOption, dataOption, jsonOption } from '../options.ts'
import { withGateway, type GatewayAccess } from './withGateway.ts'

interface Flags {
  data?: string
  couch?: string
  json?: boolean
}

/**
 * `pictor server payouts [prepare | paid | drop]` and `pictor server reverse`: what a network's operator does with its ledger. The transfer itself
 * is made with the operator's own wallet; nothing here holds a key to one.
 */
export function payoutCommands(context: CliContext): Command[] {
  const base = (name: string, description: string): Command =>
    new Command(name).description(description).addOption(dataOption()).addOption(couchOption()).addOption(jsonOption())
  const at = (flags: Flags, use: (operator: GatewayAccess['operator'], print: (line: string) => void) => Promise<object>) =>
    context.run(flags.json, (terminal) =>
      withGateway(dataPath(flags.data), flags.couch, context, terminal, async ({ operator }) => ({
        // Safe: what a call answered came as JSON.
        value: (await use(operator, (line) => terminal.print(line))) as JsonObject,
      })),
    )

  const prepare = base('prepare', 'fix what is owed to each owner with a wallet, and list it; an open payout is listed again as it is')
    .addOption(new Option('--least <pictor>', 'leave owners out who are owed less').argParser(parsePictor))
    .option('--out <file>', 'write the list as CSV: payout, wallet, amount')
    .action((flags: Flags & { least?: number; out?: string }) =>
      at(flags, async (operator, print) => {
        const { payouts, withoutWallet } = await operator.call('payouts.prepare', { leastMicro: flags.least ?? 0 })
        for (const payout of payouts) print(lineOf(payout))
        for (const { ownerId, netMicro } of withoutWallet)
          print(`${ownerId} is owed ${amount(netMicro)} PICTOR and has no wallet address yet`)
        if (payouts.length + withoutWallet.length === 0) print('Nothing is owed.')
        if (flags.out !== undefined) await writeFile(typedPath(flags.out), csv(payouts), { mode: 0o600 })
        return { payouts, withoutWallet }
      }),
    )
  const paid = base('paid', 'say that a payout was transferred: its entries become paid, and its owner is told')
    .argument('<payout>', 'id of the payout')
    .requiredOption('--reference <text>', 'where it can be looked up, for example the id of the transaction')
    .action((payoutId: string, flags: Flags & { reference: string }) =>
      at(flags, async (operator, print) => {
        const payout = await operator.call('payouts.paid', { payoutId, reference: flags.reference })
        print(lineOf(payout))
        return { payout }
      }),
    )
  const drop = base('drop', 'give an open payout up; its entries go into the next one')
    .argument('<payout>', 'id of the payout')
    .action((payoutId: string, flags: Flags) =>
      at(flags, async (operator, print) => {
        const payout = await operator.call('payouts.drop', { payoutId })
        print(lineOf(payout))
        return { payout }
      }),
    )
  const payouts = base('payouts', 'what was paid out to owners and what is to be')
    .addCommand(prepare)
    .addCommand(paid)
    .addCommand(drop)
    .action((flags: Flags) =>
      at(flags, async (operator, print) => {
        const listed = await operator.call('payouts.list', {})
        for (const payout of listed.payouts) print(lineOf(payout))
        if (listed.payouts.length === 0) print('There was no payout yet.')
        return listed
      }),
    )
  const reverse = base('reverse', 'take an entry of the ledger back that was not paid yet')
    .argument('<owner>', 'id of the owner')
    .argument('<entry>', 'id of the entry')
    .requiredOption('--reason <text>', 'what the owner reads beside it')
    .action((ownerId: string, entryId: string, flags: Flags & { reason: string }) =>
      at(flags, async (operator, print) => {
        const entry = await operator.call('earnings.reverse', { ownerId, entryId, reason: flags.reason })
        print(`${entry.id} is reversed: ${amount(entry.netMicro)} PICTOR less.`)
        return { entry }
      }),
    )
  return [payouts, reverse]
}

const amount = (micro: number): string => formatMicro(microFromDocument(micro), 6)
const lineOf = ({ payoutId, wallet, state, netMicro, entries, reference }: PayoutSummary): string =>
  [payoutId, state, `${amount(netMicro)} PICTOR`, `${entries} entries`, wallet, reference].filter((part) => part !== undefined).join('  ')

/** Wallets are what owners typed: a cell never begins as a formula does. */
const cell = (text: string): string => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
const csv = (payouts: readonly PayoutSummary[]): string =>
  ['payout,wallet,amount', ...payouts.map(({ payoutId, wallet, netMicro }) => `${payoutId},${cell(wallet)},${amount(netMicro)}`), ''].join(
    '\r\n',
  )

/** "12.5" in micro-PICTOR. */
function parsePictor(text: string): number {
  const [, whole, fraction = ''] = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text) ?? []
  if (whole === undefined) throw new InvalidArgumentError('An amount such as 10 or 0.25 is needed.')
  return Number(BigInt(whole) * microPerPictor + BigInt(fraction.padEnd(6, '0')))
}
