import { appError, type AppError } from '../errors/appError.ts'
import { err, ok, type Result } from '../result.ts'

/** Blender's own last frame number (MAXFRAME). */
export const lastFrameNumber = 1_048_574
/** One job takes at most this many frames. */
export const framesPerJobLimit = 100_000
const inputLimit = 100_000

/**
 * Reads what a person writes for frames: "1-10,20" (also "1..10", spaces are free) into a sorted list without doubles.
 * Errors: FRAMES_INVALID {input}, FRAMES_EMPTY, FRAMES_REVERSED {input}, FRAMES_OUT_OF_RANGE {input, limit},
 * FRAMES_TOO_MANY {count, limit}.
 */
export function parseFrames(text: string): Result<number[]> {
  if (text.trim() === '') return err(appError('FRAMES_EMPTY'))
  if (text.length > inputLimit) return err(invalid(`${text.slice(0, 40)}…`))
  const ranges: Array<{ first: number; last: number }> = []
  for (const part of text.split(',')) {
    // Of "1,,2" the empty part would say nothing.
    if (part.trim() === '') return err(invalid(text.trim()))
    const range = parsePart(part.trim())
    if (!range.ok) return range
    ranges.push(range.value)
  }
  return expand(ranges)
}

function parsePart(part: string): Result<{ first: number; last: number }> {
  const match = /^(\d+)(?:\s*(?:-|\.\.)\s*(\d+))?$/.exec(part)
  if (!match) return err(invalid(part))
  const first = Number(match[1])
  const last = match[2] === undefined ? first : Number(match[2])
  if (last < first) return err(appError('FRAMES_REVERSED', { input: part }))
  if (last > lastFrameNumber) return err(appError('FRAMES_OUT_OF_RANGE', { input: part, limit: lastFrameNumber }))
  return ok({ first, last })
}

/** Counts before it expands, so that an enormous range costs nothing. */
function expand(ranges: Array<{ first: number; last: number }>): Result<number[]> {
  const sorted = [...ranges].sort((a, b) => a.first - b.first)
  const merged: Array<{ first: number; last: number }> = []
  for (const range of sorted) {
    const previous = merged.at(-1)
    if (previous && range.first <= previous.last + 1) previous.last = Math.max(previous.last, range.last)
    else merged.push({ ...range })
  }
  const count = merged.reduce((sum, range) => sum + range.last - range.first + 1, 0)
  if (count > framesPerJobLimit) return err(appError('FRAMES_TOO_MANY', { count, limit: framesPerJobLimit }))
  return ok(merged.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index)))
}

/** The shortest text for a list of frames, e.g. "1-10,20"; the opposite of `parseFrames`. An empty list gives "". */
export function formatFrames(frames: readonly number[], rangeSign = '-'): string {
  const sorted = [...new Set(frames)].sort((a, b) => a - b)
  const parts: string[] = []
  let index = 0
  while (index < sorted.length) {
    const first = sorted[index] ?? 0
    let last = first
    while (sorted[index + 1] === last + 1) {
      last += 1
      index += 1
    }
    index += 1
    parts.push(first === last ? String(first) : `${first}${rangeSign}${last}`)
  }
  return parts.join(',')
}

const invalid = (input: string): AppError => appError('FRAMES_INVALID', { input })
