import type { Job, RenderSettings } from '#shared/collections/job.schema.ts'
import { imageFormatSchema } from '#shared/collections/job.schema.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import { formatFrames, parseFrames } from '#shared/frames/frameRange.ts'
import { err, ok, type Result } from '#shared/result.ts'

/** What is known of the scene when the form opens. */
export interface SceneFacts {
  name: string
  sizeBytes: number
  info: Job['info']
  frameStart: number | null
  frameEnd: number | null
  warnings: readonly { code: string; message: string; details?: Record<string, never> | undefined }[]
}

/** What stands in the form: as it was typed. An empty field means "as the scene says". */
export interface SubmitFields {
  name: string
  engine: string
  frames: string
  chunkSize: string
  samples: string
  width: string
  height: string
  format: string
}

export interface Submission {
  name: string
  frames: number[]
  framesText: string
  chunkSize: number
  settings: RenderSettings
}

/** Blender's own engines; the id of Eevee changed with its versions, and the worker takes whichever its Blender has. */
export const ownEngines = ['CYCLES', 'BLENDER_EEVEE', 'BLENDER_WORKBENCH'] as const

const smallJob = 10

/** How the form opens: everything as the scene says. */
export function startFields(facts: SceneFacts): SubmitFields {
  const { frameStart, frameEnd } = facts
  const frames = frameStart === null || frameEnd === null ? '1' : frameStart === frameEnd ? String(frameStart) : `${frameStart}-${frameEnd}`
  const count = frameStart === null || frameEnd === null ? 1 : frameEnd - frameStart + 1
  return {
    name: facts.name.replace(/\.blend$/i, ''),
    frames,
    chunkSize: count > smallJob ? '5' : '1',
    engine: '',
    samples: '',
    width: '',
    height: '',
    format: '',
  }
}

/** Reads the form. Errors: what parseFrames answers, or REQUEST_INVALID with the field's name. */
export function readFields(fields: SubmitFields): Result<Submission> {
  const frames = parseFrames(fields.frames)
  if (!frames.ok) return frames
  const chunkSize = whole(fields.chunkSize, 1, 10_000)
  const samples = whole(fields.samples, 1, 1_000_000)
  const width = whole(fields.width, 4, 65_536)
  const height = whole(fields.height, 4, 65_536)
  if (chunkSize === null || chunkSize === undefined) return err(bad('chunkSize', 1, 10_000))
  if (samples === null) return err(bad('samples', 1, 1_000_000))
  if (width === null || height === null || (width === undefined) !== (height === undefined)) return err(bad('resolution', 4, 65_536))
  const format = fields.format === '' ? undefined : imageFormatSchema.safeParse(fields.format)
  if (format && !format.success) return err(bad('format', 0, 0))
  return ok({
    name: fields.name.trim().slice(0, 200) || 'Untitled',
    frames: frames.value,
    framesText: formatFrames(frames.value),
    chunkSize,
    settings: {
      ...(fields.engine === '' ? {} : { engine: fields.engine }),
      ...(samples === undefined ? {} : { samples }),
      ...(width === undefined || height === undefined ? {} : { width, height }),
      ...(format ? { format: format.data } : {}),
    },
  })
}

/** undefined: left empty; null: not a whole number within the bounds. */
function whole(text: string, least: number, most: number): number | undefined | null {
  const trimmed = String(text).trim()
  if (trimmed === '') return undefined
  if (!/^\d{1,9}$/.test(trimmed)) return null
  const value = Number(trimmed)
  return value >= least && value <= most ? value : null
}

const bad = (field: string, least: number, most: number): AppError => appError('REQUEST_INVALID', { reason: field, field, least, most })
