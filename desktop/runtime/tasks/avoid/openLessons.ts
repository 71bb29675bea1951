import type { AvoidedWork } from '#shared/collections/node.schema.ts'
import type { AppError } from '#shared/errors/appError.ts'
import type { LocalDatabase } from '../../database/localDatabase.ts'
import {
  avoidedNow,
  learnFailure,
  learnSuccess,
  lessonsSchema,
  noLessons,
  restingUntilMs,
  tryAgain,
  type Lessons,
  type LearntTask,
} from './avoidance.ts'

/** What this node learnt from its failures, durable: a restart forgets nothing. */
export interface KeptLessons {
  failed(task: LearntTask, error: AppError): void
  worked(task: LearntTask): void
  /** The owner's wish in the worker's document; undefined: there is none. */
  setWanted(tryAgainAt: number | undefined): void
  /** What it leaves to others now. */
  avoided(): AvoidedWork[]
  /** Until then it rests, because tasks failed one after another; null: it does not. */
  restUntilMs(): number | null
  onChange(listener: () => void): () => void
}

const fact = 'lessons'

export function openLessons({
  local,
  serverNow,
}: {
  local: Pick<LocalDatabase, 'readFact' | 'writeFact'>
  serverNow: () => number
}): KeptLessons {
  const listeners = new Set<() => void>()
  // Of another version, or damaged: it learns anew.
  let lessons = lessonsSchema.safeParse(JSON.parse(local.readFact(fact) ?? 'null')).data ?? noLessons
  const keep = (next: Lessons) => {
    if (next === lessons) return
    lessons = next
    local.writeFact(fact, JSON.stringify(lessons))
    listeners.forEach((listener) => listener())
  }
  return {
    failed: (task, error) => keep(learnFailure(lessons, task, error, serverNow())),
    worked: (task) => keep(learnSuccess(lessons, task, serverNow())),
    setWanted: (tryAgainAt) => (tryAgainAt === undefined ? undefined : keep(tryAgain(lessons, tryAgainAt))),
    avoided: () => avoidedNow(lessons, serverNow()),
    restUntilMs: () => restingUntilMs(lessons, serverNow()),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
