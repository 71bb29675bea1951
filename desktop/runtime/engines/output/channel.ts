import { randomBytes } from 'node:crypto'
import { z } from 'zod'

/** New for every run: what a scene prints cannot pose as our script's answer. */
export const newChannelPrefix = (): string => `PICTOR-${randomBytes(12).toString('hex')} `

const frame = z.number().int()
const details = z.record(z.string(), z.json()).default({})
const code = z.string()

/** What our scripts say of a scene's crop and views, as `SceneInfo` keeps it. */
export const cropSchema = z.object({ left: z.number(), right: z.number(), bottom: z.number(), top: z.number() })
export const viewsSchema = z.object({ count: z.number().int(), format: z.string(), layout: z.string(), squeezed: z.boolean() })

/** What our scripts inside Blender may say while rendering (see blender/scripts). */
const channelEventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('started'),
    blenderVersion: z.string(),
    engine: z.string(),
    device: z.string(),
    samples: z.number().nullish(),
    layerSamples: z.array(z.number().int()).optional(),
    format: z.enum(['PNG', 'JPEG', 'OPEN_EXR', 'OPEN_EXR_MULTILAYER', 'TIFF']),
    /** Of the frame, before anything is cut out of it. */
    width: z.number().int(),
    height: z.number().int(),
    crop: cropSchema.nullish(),
    views: viewsSchema.nullish(),
  }),
  z.object({ event: z.literal('frameStarted'), frame }),
  /** `elapsedMs`: since the frame's start by Blender's own clock, pauses included. */
  z.object({ event: z.literal('frameSaved'), frame, path: z.string(), elapsedMs: z.number().min(0).optional() }),
  z.object({ event: z.literal('renderCancelled'), frame }),
  /** It was told that no other frame may begin, and ended before this one. */
  z.object({ event: z.literal('stopped'), frame }),
  z.object({ event: z.literal('stats'), frame, text: z.string() }),
  z.object({ event: z.literal('warning'), code, details }),
  z.object({ event: z.literal('failed'), code, details }),
])
export type ChannelEvent = z.infer<typeof channelEventSchema>

/** The JSON of a line that carries the prefix, wherever in the line it stands; undefined for all other lines and for broken JSON. */
export function readChannelJson(line: string, prefix: string): unknown {
  const at = line.indexOf(prefix)
  if (at < 0) return undefined
  try {
    return JSON.parse(line.slice(at + prefix.length))
  } catch {
    // Cut off by the end of the process: there is nothing to read.
    return undefined
  }
}

/** As `readChannelJson`, checked to be an event of a render. */
export function readChannelEvent(line: string, prefix: string): ChannelEvent | undefined {
  const parsed = channelEventSchema.safeParse(readChannelJson(line, prefix))
  return parsed.success ? parsed.data : undefined
}
