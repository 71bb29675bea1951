import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { workerConfigSchema, type WorkerConfig } from '#shared/api/workerConfig.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'

const limitBytes = 64 * 1024
const linkLimit = 8_000

export type Offered = { kind: 'file'; path: string } | { kind: 'link'; link: string }

/** The config that the system hands over in the arguments (a double click on `*.pictor.json`, a `pictor:` link); null when there is none. */
export function offeredIn(argv: readonly string[]): Offered | null {
  for (const argument of argv) {
    if (/^pictor:/i.test(argument)) return { kind: 'link', link: argument }
    // No options, and no relative paths: a second start has another working folder.
    if (/\.pictor\.json$/i.test(argument) && isAbsolute(argument)) return { kind: 'file', path: argument }
  }
  return null
}

/** Reads what was offered. Errors: CONFIG_MALFORMED. */
export const readOffered = (offered: Offered): Result<WorkerConfig> =>
  offered.kind === 'file' ? readConfigFile(offered.path) : readConfigLink(offered.link)

/** `pictor://config#<base64url of the file>`: nothing is fetched, whoever made the link. */
function readConfigLink(link: string): Result<WorkerConfig> {
  const found = /^pictor:\/\/config\/?#([A-Za-z0-9_-]+)$/i.exec(link)
  if (link.length > linkLimit || found?.[1] === undefined) return malformed
  return parse(Buffer.from(found[1], 'base64url').toString('utf8'))
}

function readConfigFile(path: string): Result<WorkerConfig> {
  if (!isAbsolute(path) || path.includes('\0')) return malformed
  let text: string
  try {
    text = readSmallFile(path)
  } catch {
    // Not there, a folder, no rights, or too large: no config in any case.
    return malformed
  }
  return parse(text)
}

function readSmallFile(path: string): string {
  const file = openSync(path, 'r')
  try {
    const facts = fstatSync(file)
    // A device or a pipe would never end.
    if (!facts.isFile() || facts.size > limitBytes) throw new Error('no small file')
    const content = Buffer.alloc(facts.size)
    return content.toString('utf8', 0, readSync(file, content, 0, facts.size, 0))
  } finally {
    closeSync(file)
  }
}

function parse(text: string): Result<WorkerConfig> {
  try {
    const parsed = workerConfigSchema.safeParse(JSON.parse(text))
    return parsed.success ? ok(parsed.data) : malformed
  } catch {
    return malformed
  }
}

const malformed = err(appError('CONFIG_MALFORMED'))
