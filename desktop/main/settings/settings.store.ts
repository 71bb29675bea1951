import { join } from 'node:path'
import { z } from 'zod'
import { shellSettingsSchema, type ShellSettings } from '#shared/api/shellCalls.ts'
import { readPrivateJson, writePrivateJson } from '../../launch/privateFile.ts'
import { placeSchema, type WindowPlace } from '../window/windowPlace.ts'

const memorySchema = z.object({
  settings: shellSettingsSchema,
  /** The page that the window was on, e.g. `#/jobs`. */
  route: z.string().max(500),
  place: placeSchema.nullable(),
  /** The node was paused so that the app could end; it goes on at the next start. */
  pausedToEnd: z.boolean(),
  /** There is no keychain, and the person takes files instead. */
  secretsInFiles: z.boolean(),
  installationId: z.string().min(8),
})
type Memory = z.infer<typeof memorySchema>

export interface ShellMemory {
  settings(): ShellSettings
  change(part: Partial<ShellSettings>): ShellSettings
  place(): WindowPlace | null
  route(): string
  setPlace(place: WindowPlace, route: string): void
  pausedToEnd(): boolean
  setPausedToEnd(paused: boolean): void
  secretsInFiles(): boolean
  allowSecretsInFiles(): void
  installationId: string
}

/** Each part that is readable counts, also in a file of an older version; for the others there are the usual ones. */
function mend(read: Record<string, unknown> | null, usual: Memory): Memory {
  const pick = <Shape extends z.ZodRawShape, Value extends object>(shape: Shape, from: unknown, otherwise: Value): Value => {
    const given = z.looseObject({}).safeParse(from).data ?? {}
    const known = Object.keys(shape).flatMap((key) => {
      const parsed = (shape[key] as z.ZodType).safeParse(given[key])
      return parsed.success ? [[key, parsed.data]] : []
    })
    return { ...otherwise, ...Object.fromEntries(known) } as Value
  }
  const settings = pick(shellSettingsSchema.shape, read?.['settings'], usual.settings)
  return { ...pick(memorySchema.shape, read, usual), settings }
}

/** What the shell remembers, in `shell.json` of the data folder. */
export function openShellMemory(dataFolder: string, makeId: () => string): ShellMemory {
  const path = join(dataFolder, 'shell.json')
  const usual: Memory = {
    settings: {
      ...{ openAtLogin: false, keepAwake: true, notifyProblems: true, notifyUpdates: true, autoUpdate: true },
      ...{ updateChannel: 'latest', language: 'system' },
    },
    place: null,
    route: '',
    pausedToEnd: false,
    secretsInFiles: false,
    installationId: makeId(),
  }
  let memory = mend(readPrivateJson(path, z.looseObject({})), usual)
  const keep = (part: Partial<Memory>) => {
    memory = { ...memory, ...part }
    writePrivateJson(path, memory)
  }
  keep({})
  return {
    settings: () => memory.settings,
    change(part) {
      keep({ settings: { ...memory.settings, ...part } })
      return memory.settings
    },
    place: () => memory.place,
    route: () => memory.route,
    setPlace: (place, route) => keep({ place, route }),
    pausedToEnd: () => memory.pausedToEnd,
    setPausedToEnd: (pausedToEnd) => keep({ pausedToEnd }),
    secretsInFiles: () => memory.secretsInFiles,
    allowSecretsInFiles: () => keep({ secretsInFiles: true }),
    installationId: memory.installationId,
  }
}
