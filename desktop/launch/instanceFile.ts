import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { isAlive } from './isAlive.ts'
import { readPrivateJson, writePrivateJson } from './privateFile.ts'

/** What runs on a data folder right now, so that other commands of this user (the file is 0600) find and ask it. */
const instanceSchema = z.looseObject({
  kind: z.enum(['up', 'server', 'worker']),
  pid: z.number().int(),
  startedAt: z.number(),
  gatewayUrl: z.string().nullable(),
  pageUrl: z.string().nullable(),
  ownerId: z.string().nullable(),
  nodeId: z.string().nullable(),
  processes: z.record(z.string(), z.number().int()),
  /** Where it can be asked, and the right to; see controlServer.ts. */
  control: z.object({ url: z.string(), token: z.string() }).nullable(),
})
export type Instance = z.infer<typeof instanceSchema>

const pathIn = (dataFolder: string) => join(dataFolder, 'instance.json')

export const writeInstance = (dataFolder: string, instance: Instance): void => writePrivateJson(pathIn(dataFolder), instance)

export const removeInstance = (dataFolder: string): void => rmSync(pathIn(dataFolder), { force: true })

/** The instance that runs on the folder; null when none does (a file left by a killed process does not count). */
export function readInstance(dataFolder: string): Instance | null {
  const instance = readPrivateJson(pathIn(dataFolder), instanceSchema)
  return instance !== null && isAlive(instance.pid) ? instance : null
}
