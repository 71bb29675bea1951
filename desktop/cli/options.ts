import { InvalidArgumentError, Option } from 'commander'

export const dataOption = (): Option => new Option('--data <dir>', 'data folder (default: the place your system has for it; PICTOR_DATA)')
export const jsonOption = (): Option => new Option('--json', 'print exactly one JSON object on stdout; everything else goes to stderr')
export const serverOption = (): Option =>
  new Option('--server <url>', 'the server to talk to (default: the Pictor Worker that runs on the data folder)').argParser(parseServerUrl)

export const couchOption = (): Option =>
  new Option('--couch <url>', 'keep the data in this CouchDB 3 instead of the embedded store').env('COUCHDB_URL')

/** For commands that act as an owner at a server elsewhere. The password is never an option: others on this computer could read it. */
export const accountOption = (): Option =>
  new Option('--account <name>', 'name of the account; the password is asked for, or taken from PICTOR_PASSWORD').env('PICTOR_ACCOUNT')
export const secretOption = (): Option =>
  new Option('--secret <secret>', 'a one-time secret (from `pictor server owner add`), better given in the environment').env(
    'PICTOR_SECRET',
  )

/** A TCP port; 0 finds a free one. */
export function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.')
  return port
}

export function parseCount(text: string): number {
  const count = Number(text)
  if (!/^\d{1,7}$/.test(text) || count < 1) throw new InvalidArgumentError('A whole number from 1 to 9999999 is needed.')
  return count
}

const units: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** "45m", "2h", "1d", "30s" or 0, in milliseconds. */
export function parseDuration(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,6})([smhd]?)$/.exec(text) ?? []
  const each = units[unit] ?? (amount === '0' ? 0 : undefined)
  if (amount === undefined || each === undefined) throw new InvalidArgumentError('A time such as 45m, 2h or 1d is needed.')
  return Number(amount) * each
}

/** Whole minutes, at most 30 days. */
export function parseMinutes(text: string): number {
  const minutes = Number(text)
  if (!/^\d{1,5}$/.test(text) || minutes > 43_200) throw new InvalidArgumentError('A whole number of minutes from 0 to 43200 is needed.')
  return minutes
}

export function parseServerUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError('An address such as https://farm.example is needed.')
  return text.replace(/\/$/, '')
}
