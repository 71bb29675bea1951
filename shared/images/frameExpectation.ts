import type { z } from 'zod'
import type { imageFormatSchema } from '../collections/job.schema.ts'

export type ImageFormat = z.infer<typeof imageFormatSchema>

/** What a finished frame has to be. A size that cannot be known beforehand (cropped or joined stereo pictures) is absent. */
export interface FrameExpectation {
  frame: number
  format?: ImageFormat
  width?: number
  height?: number
}
