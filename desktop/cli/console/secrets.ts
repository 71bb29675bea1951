import { readFileSync } from 'node:fs'
import { appError, AppErrorException } from '#shared/errors/appError.ts'

/** Secrets that may stand in the environment. Each may stand in a file instead, named by the same variable with `_FILE`. */
const secretNames = [
  'PICTOR_ENROLL',
  'PICTOR_UI_TOKEN',
  'PICTOR_METRICS_TOKEN',
  'PICTOR_PASSWORD',
  'PICTOR_SECRET',
  'PICTOR_TOKEN',
  'COUCHDB_URL',
  'PICTOR_S3_ACCESS_KEY_ID',
  'PICTOR_S3_SECRET_ACCESS_KEY',
] as const

type Environment = Record<string, string | undefined>

/** Puts the contents of secret files where the secrets themselves would stand. Gives back CONFIG_MALFORMED {path, reason} when one cannot be read. */
export function readSecretFiles(environment: Environment): AppErrorException | null {
  for (const name of secretNames) {
    const path = environment[`${name}_FILE`]
    if (path === undefined || path === '' || environment[name] !== undefined) continue
    try {
      environment[name] = readFileSync(path, 'utf8').trim()
    } catch (error) {
      return new AppErrorException(appError('CONFIG_MALFORMED', { path, reason: `the file that ${name}_FILE names cannot be read` }), {
        cause: error,
      })
    }
  }
  return null
}

/** Takes the secrets out of the environment, which everything we start inherits and others of this user can read. Gives them back. */
export function takeSecrets(environment: Environment): Record<string, string> {
  const taken: Record<string, string> = {}
  for (const name of secretNames) {
    const value = environment[name]
    if (value !== undefined) taken[name] = value
    delete environment[name]
  }
  return taken
}

const shortestToken = 16

/** A token that somebody chose; null: none. Throws REQUEST_INVALID when it could be guessed. */
export function tokenIn(secrets: Readonly<Record<string, string>>, name: string): string | null {
  const token = secrets[name]
  if (token === undefined || token === '') return null
  if (token.length < shortestToken)
    throw new AppErrorException(appError('REQUEST_INVALID', { reason: `${name} needs at least ${shortestToken} characters` }))
  return token
}
