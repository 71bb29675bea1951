import { z } from 'zod'

const minuteOfDay = z.number().int().min(0).max(1_440)

/** From `fromMinute` to `toMinute` (minutes after midnight, by the wall clock) on each of the days; an end at or before the beginning is on the next day. */
export const hoursRangeSchema = z.looseObject({
  /** 0 is Monday, 6 is Sunday: the days on which it begins. */
  days: z.array(z.number().int().min(0).max(6)).max(7),
  fromMinute: minuteOfDay,
  toMinute: minuteOfDay,
})
export type HoursRange = z.infer<typeof hoursRangeSchema>

const programs = z.array(z.string().min(1).max(100)).max(100)
const percent = z.number().int().min(1).max(100)
const celsius = z.number().int().min(30).max(110)

/** What the owner of a computer wants of it while it works. Everything is optional: absent means that it does not matter. */
export const preferencesSchema = z.looseObject({
  /** Work only when nobody used the computer for so many minutes. */
  idleMinutes: z.number().int().min(1).max(1_440).optional(),
  /** Rest while a program fills the screen. */
  notInFullScreen: z.boolean().optional(),
  /** Rest while one of these programs runs: names as the system lists them, without the folder; `.exe` may be left out. */
  excludedApps: programs.optional(),
  /** As `excludedApps`, for programs that need the card; they hold nothing where renders run on the processor. */
  excludedGpuApps: programs.optional(),
  /** Rest while other programs together use more of all processor cores. */
  otherCpuPercent: percent.optional(),
  /** Rest while other programs use more of a card. */
  otherGpuPercent: percent.optional(),
  notOnBattery: z.boolean().optional(),
  notOnMetered: z.boolean().optional(),
  /** Work only then; an empty list means never. */
  computeHours: z.array(hoursRangeSchema).max(50).optional(),
  /** Files travel only then; an empty list means never. What is here is rendered all the same, and the line to the server stays. */
  networkHours: z.array(hoursRangeSchema).max(50).optional(),
  /** Files travel no faster, all together. */
  maxUploadKiBps: z.number().int().min(10).max(10_000_000).optional(),
  maxDownloadKiBps: z.number().int().min(10).max(10_000_000).optional(),
  /** Of files, both directions together, in a calendar month of the computer's zone. */
  monthlyTransferMiB: z.number().int().min(100).max(100_000_000).optional(),
  /** So much work is fetched ahead, for when the line is cut or no files may travel. */
  workBufferMinutes: z.number().int().min(0).max(14_400).optional(),
  /** Rest when a card is this hot, … */
  maxTemperatureC: celsius.optional(),
  /** … until it has cooled down to this; default: 10 less. */
  resumeTemperatureC: celsius.optional(),
  /** What a hold does to the frame in progress: it is suspended (its memory stays taken) or finished first. */
  whenHeld: z.enum(['suspend', 'afterFrame']).optional(),
  /** Processor threads of a render; more than there are is all of them. */
  cpuThreads: z.number().int().min(1).max(1_024).optional(),
  /** Memory of the computer, by all renders together; the largest ends where it is more. */
  maxRamMiB: z.number().int().min(512).max(100_000_000).optional(),
  /** Memory of a card, by the render on it. */
  maxVramMiB: z.number().int().min(256).max(10_000_000).optional(),
  /** What the data folder may take, … */
  maxDataMiB: z.number().int().min(1_024).max(1_000_000_000).optional(),
  /** … and what stays free on its disk. */
  keepFreeMiB: z.number().int().min(0).max(1_000_000_000).optional(),
  /** Of a card's usual power limit, while something is rendered and where the driver allows it. */
  powerPercent: z.number().int().min(20).max(100).optional(),
  priority: z.enum(['low', 'normal']).optional(),
  /** Cards, by UUID, that are not rendered on. */
  keptGpus: z.array(z.string().max(100)).max(64).optional(),
})
export type Preferences = z.infer<typeof preferencesSchema>

/** As the owner sets them for one computer: null is "does not matter here", whatever is set for its tags. */
export type OwnPreferences = { [Key in keyof Preferences]?: Preferences[Key] | null }

export const ownPreferencesSchema: z.ZodType<OwnPreferences> = z.looseObject(
  // Safe: the same fields, each of which may be null too.
  Object.fromEntries(Object.entries(preferencesSchema.shape).map(([key, field]) => [key, (field as z.ZodType).nullable().optional()])),
)

const tagsLimit = 200

/** What the owner wants of all computers with a tag, by the tag. */
export const preferencesByTagSchema = z
  .record(z.string().min(1).max(60), preferencesSchema)
  .refine((byTag) => Object.keys(byTag).length <= tagsLimit, { error: `preferences of more than ${tagsLimit} tags` })
export type PreferencesByTag = z.infer<typeof preferencesByTagSchema>
