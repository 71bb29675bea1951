import type { Preferences } from '#shared/collections/preferences.schema.ts'
import type { MemoryLimits } from '../engines/process/memoryGuard.ts'

/** What renders may keep in memory, by the owner's preferences. */
export const memoryLimits = ({ maxRamMiB, maxVramMiB }: Preferences): MemoryLimits => ({
  ...(maxRamMiB === undefined ? {} : { ramMiB: maxRamMiB }),
  ...(maxVramMiB === undefined ? {} : { vramMiB: maxVramMiB }),
})
