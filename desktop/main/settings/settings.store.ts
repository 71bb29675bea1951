import { join } from 'node:path'
import { z } from 'zod'
import { shellSettingsSchema, type ShellSettings } from '#shared/api/shellCalls.ts'
import { readPrivateJson, writePrivateJson } from '../../launch/privateFile.ts'
import { placeSchema, type WindowPlace } from '../window/windowPlace.ts'

const memorySchema = z.object({
  settings: shellSettingsSchema,
  place: placeSchema.nullable(),
  /** The node was paused so that the app could end; it goes on at the next start. */
  pausedToEnd: z.boolean(),
  installationId: z.string().min(8),
})
type Memory = z.infer<typeof memorySchema>

export interface ShellMemory {
  settings(): ShellSettings
  change(part: Partial<ShellSettings>): ShellSettings
  place(): WindowPlace | null
  setPlace(place: WindowPlace): void
  pausedToEnd(): boolean
  setPausedToEnd(paused: boolean): void
  installationId: string
}

/** What the shell remembers, in `shell.json` of the data folder. A file that is not readable is made anew with the usual settings. */
export function openShellMemory(dataFolder: string, makeId: () => string): ShellMemory {
  const path = join(dataFolder, 'shell.json')
  const usual: Memory = {
    settings: { openAtLogin: false, keepAwake: true, notifications: true, autoUpdate: true, updateChannel: 'latest' },
    place: null,
    pausedToEnd: false,
    installationId: makeId(),
  }
  let memory = readPrivateJson(path, memorySchema) ?? usual
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
    setPlace: (place) => keep({ place }),
    pausedToEnd: () => memory.pausedToEnd,
    setPausedToEnd: (pausedToEnd) => keep({ pausedToEnd }),
    installationId: memory.installationId,
  }
}
