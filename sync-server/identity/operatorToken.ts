import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newSecret } from './secrets.ts'

export interface OperatorToken {
  path: string
  secret: string
}

/** The command line's right on this machine: whoever may read this file (mode 0600) is the operator. New at each start of the gateway. */
export function writeOperatorToken(dataFolder: string): OperatorToken {
  const path = join(dataFolder, 'operator.token')
  const secret = newSecret('operator')
  // Writing over an older file would keep its mode (and follow a link); `wx` makes it anew or fails.
  rmSync(path, { force: true })
  writeFileSync(path, `${secret}\n`, { mode: 0o600, flag: 'wx' })
  return { path, secret }
}
