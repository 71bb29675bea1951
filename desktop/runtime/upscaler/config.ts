import { z } from 'zod'

export const backendSchema = z.enum(['WEBGPU', 'DIRECTML', 'CPU'])
/** What runs the network: the card through WebGPU (Vulkan, Metal, Direct3D) or DirectML, or the processor. */
export type Backend = z.infer<typeof backendSchema>

export const upscaleImageSchema = z.object({
  frame: z.number().int(),
  path: z.string(),
  name: z.string(),
  width: z.number().int().min(1),
  height: z.number().int().min(1),
})
export type UpscaleImage = z.infer<typeof upscaleImageSchema>

/** What an upscaler process is told, in a file whose path is its one argument. */
export const upscalerConfigSchema = z.object({
  /** Every line for us begins with it. */
  prefix: z.string(),
  scale: z.union([z.literal(2), z.literal(4)]),
  backends: z.array(backendSchema).min(1),
  threads: z.number().int().min(1).optional(),
  images: z.array(upscaleImageSchema),
  /** Pictures are written here as `frame_000012.png`. */
  outputFolder: z.string(),
  /** While this file is there no other picture is begun. */
  lastFrameFile: z.string(),
})
export type UpscalerConfig = z.infer<typeof upscalerConfigSchema>

const frame = z.number().int()

/** What it says, one JSON text a line. */
export const upscalerEventSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('ready'), backend: backendSchema, runtime: z.string() }),
  /** A backend that was asked for does not work here. */
  z.object({ event: z.literal('refused'), backend: backendSchema, reason: z.string() }),
  z.object({ event: z.literal('frameStarted'), frame }),
  z.object({ event: z.literal('progress'), frame, done: z.number().int(), total: z.number().int() }),
  z.object({ event: z.literal('frameSaved'), frame, path: z.string(), elapsedMs: z.number().min(0) }),
  /** It was told that no other picture may begin, and ended before this one. */
  z.object({ event: z.literal('stopped'), frame }),
  z.object({ event: z.literal('failed'), frame: frame.optional(), code: z.string(), details: z.record(z.string(), z.json()) }),
])
export type UpscalerEvent = z.infer<typeof upscalerEventSchema>
