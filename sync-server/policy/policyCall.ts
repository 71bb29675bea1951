import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '#shared/log.ts'
import { ok } from '#shared/result.ts'
import { homeRequirements, requirementsSchema, type Requirements } from '#shared/rules/requirements.ts'
import type { CallHandlers } from '../calls/callHandlers.ts'

/** In the data folder; the operator may write it: some or all fields of the table, in JSON. */
const fileName = 'requirements.json'

/** What this server asks of nodes. Without a file anyone may try. The file is read at each question, so a change needs no restart. */
export function policyCall(dataFolder: string, log: Logger): CallHandlers {
  return { 'node.policy': async () => ok({ requirements: await readRequirements(join(dataFolder, fileName), log) }) }
}

async function readRequirements(path: string, log: Logger): Promise<Requirements> {
  try {
    return requirementsSchema.parse({
      ...homeRequirements,
      ...requirementsSchema.partial().parse(JSON.parse(await readFile(path, 'utf8'))),
    })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      log.warn('the requirements cannot be read; nodes get those that come with the server', { path, reason: String(error).slice(0, 300) })
    return homeRequirements
  }
}
