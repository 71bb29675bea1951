import { z } from 'zod'
import type { AvoidedWork } from '#shared/collections/node.schema.ts'
import { durations } from '#shared/durations.ts'
import { errorTraits, type AppError } from '#shared/errors/appError.ts'

/** A task as this learns of it. */
export interface LearntTask {
  jobId: string
  chunkId: string
  jobName: string
  /** By sort, such as `engine: "CYCLES"`. */
  traits: Readonly<Record<string, string>>
}

const lessonSchema = z.object({
  failures: z.number().int(),
  /** What failed: chunks of the job, or jobs of the trait. */
  of: z.array(z.string()),
  /** How often it was avoided already. */
  level: z.number().int(),
  name: z.string(),
  code: z.string(),
  since: z.number(),
  untilMs: z.number(),
  changedMs: z.number(),
})
/**
 * What a node learns from its failures. Pure: a state goes in, a new one comes out; times are server time.
 *
 * - Two chunks of one job that failed through this node, or through the two together (it needs more memory than there is), and none that
 *   worked: the job is left to others. (One chunk alone is passed over by the server.)
 * - Three tasks of at least two jobs that failed and share something (kind of work, render engine, Blender version, card) while other work of
 *   that sort did work here: that something is left alone. Where nothing works it is the node, and that is what the pause is for.
 * - Three tasks in a row that failed through this node: it rests.
 *
 * Each lasts ten minutes at first and doubles up to a day; afterwards one failure is enough to begin it again, and one success ends what was learnt.
 */
export const lessonsSchema = z.object({
  inRow: z.number().int(),
  restLevel: z.number().int(),
  restUntilMs: z.number(),
  /** By sort and value, `engine:CYCLES`. */
  lessons: z.record(z.string(), lessonSchema),
  /** When something of that sort and value last worked. */
  worked: z.record(z.string(), z.number()),
  /** The owner's last wish to try again that was followed. */
  triedAgainAt: z.number().default(0),
})
export type Lessons = z.infer<typeof lessonsSchema>

export const noLessons: Lessons = { inRow: 0, restLevel: 0, restUntilMs: 0, lessons: {}, worked: {}, triedAgainAt: 0 }

const chunksOfJob = 2
const failuresOfTrait = 3
const failuresInRow = 3
const keptLessons = 200
const forgottenAfterMs = 7 * 86_400_000
const ownersLimits = new Set<string>(['RAM_LIMIT', 'VRAM_LIMIT', 'DISK_LIMIT'])

const lengthMs = (level: number): number => Math.min(durations.blockFirstMs * 2 ** level, durations.blockMaxMs)
const keysOf = ({ jobId, traits }: LearntTask): string[] => [
  `job:${jobId}`,
  ...Object.entries(traits).map(([sort, value]) => `${sort}:${value}`),
]
const sortOf = (key: string): string => key.slice(0, key.indexOf(':'))

/** A task failed here for good. */
export function learnFailure(before: Lessons, task: LearntTask, error: AppError, nowMs: number): Lessons {
  const { fault } = errorTraits(error.code)
  const isOwnersLimit = ownersLimits.has(error.code)
  if (!isOwnersLimit && fault !== 'node' && fault !== 'ours') return before
  const lessons = { ...before.lessons }
  // Its owner set the limit: that a job needs more says nothing of anything but that job.
  for (const key of isOwnersLimit ? [`job:${task.jobId}`] : keysOf(task)) {
    const known = lessons[key] ?? { failures: 0, of: [], level: 0, untilMs: 0, since: nowMs }
    const lesson = {
      ...known,
      failures: known.failures + 1,
      of: [...new Set([...known.of, sortOf(key) === 'job' ? task.chunkId : task.jobId])].slice(-failuresOfTrait),
      name: sortOf(key) === 'job' ? task.jobName : key.slice(key.indexOf(':') + 1),
      code: error.code,
      changedMs: nowMs,
    }
    const enough = isLearnt(key, lesson, before)
    lessons[key] = enough ? { ...lesson, level: known.level + 1, since: nowMs, untilMs: nowMs + lengthMs(known.level) } : lesson
  }
  const inRow = before.inRow + (isOwnersLimit ? 0 : 1)
  const rests = inRow >= failuresInRow
  return {
    ...before,
    lessons: bounded(lessons, nowMs),
    inRow: rests ? 0 : inRow,
    restLevel: before.restLevel + (rests ? 1 : 0),
    restUntilMs: rests ? nowMs + lengthMs(before.restLevel) : before.restUntilMs,
  }
}

function isLearnt(key: string, { failures, of }: Pick<Lessons['lessons'][string], 'failures' | 'of'>, { worked }: Lessons): boolean {
  if (sortOf(key) === 'job') return of.length >= chunksOfJob
  const othersWork = Object.keys(worked).some((other) => sortOf(other) === sortOf(key) && other !== key)
  return failures >= failuresOfTrait && of.length > 1 && othersWork
}

/** A frame of a task was rendered and kept. */
export function learnSuccess(before: Lessons, task: LearntTask, nowMs: number): Lessons {
  const keys = keysOf(task)
  const traits = keys.filter((key) => sortOf(key) !== 'job')
  // Frames come by the second; only news is kept.
  const isNews =
    before.inRow > 0 ||
    before.restLevel > 0 ||
    keys.some((key) => before.lessons[key] !== undefined) ||
    traits.some((key) => before.worked[key] === undefined)
  if (!isNews) return before
  const lessons = Object.fromEntries(Object.entries(before.lessons).filter(([key]) => !keys.includes(key)))
  return {
    ...before,
    inRow: 0,
    restLevel: 0,
    lessons,
    worked: { ...before.worked, ...Object.fromEntries(traits.map((key) => [key, nowMs])) },
  }
}

/** The owner mended something, and asked at that time to try all of it again. Each wish counts once; what was learnt after it stays. */
export function tryAgain(before: Lessons, askedAt: number): Lessons {
  if (askedAt <= before.triedAgainAt) return before
  const lessons = Object.fromEntries(Object.entries(before.lessons).filter(([, { changedMs }]) => changedMs > askedAt))
  return { ...before, inRow: 0, restLevel: 0, restUntilMs: 0, lessons, triedAgainAt: askedAt }
}

/** Until when the node rests; null: it does not. An end farther off than any rest was set by a clock that was wrong. */
export const restingUntilMs = ({ restUntilMs }: Lessons, nowMs: number): number | null =>
  restUntilMs > nowMs && restUntilMs <= nowMs + durations.blockMaxMs ? restUntilMs : null

/** What is left to others now, the newest first. What was learnt in the future was learnt by a clock that was wrong, and does not count. */
export function avoidedNow({ lessons }: Lessons, nowMs: number): AvoidedWork[] {
  return Object.entries(lessons)
    .filter(([, { since, untilMs }]) => untilMs > nowMs && since <= nowMs + durations.clockToleranceMs)
    .sort(([, a], [, b]) => b.since - a.since)
    .map(([key, { name, code, since, untilMs }]) => ({
      ...{ sort: sortOf(key), value: key.slice(key.indexOf(':') + 1), name: name.slice(0, 200), code },
      ...{ since: Math.round(since), until: Math.round(untilMs) },
    }))
}

function bounded(lessons: Lessons['lessons'], nowMs: number): Lessons['lessons'] {
  const fresh = Object.entries(lessons).filter(
    ([, { changedMs, untilMs }]) => Math.abs(nowMs - changedMs) < forgottenAfterMs || untilMs > nowMs,
  )
  return Object.fromEntries(fresh.sort(([, a], [, b]) => b.changedMs - a.changedMs).slice(0, keptLessons))
}
