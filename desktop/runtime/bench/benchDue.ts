/** When a bench is run, as far as it can be said without a clock or a Blender: pure. */
export interface BenchFacts {
  /** Programs and cards are known, and there is a Blender. */
  known: boolean
  fingerprint: string
  benchmark: { fingerprint: string; askedAt?: number | undefined } | null
  /** The owner's newest wish; absent: none. */
  askedAt: number | undefined
  /** Whether it is measured without being asked, when something changed. */
  auto: boolean
  /** Since when one is due that nobody asked for. */
  waitingForMs: number
}

/** A node that never rests is measured between two frames after this long. */
export const patienceMs = 3_600_000

/**
 * - `asked`: the owner wants it, or it has been due for an hour: the node makes room for it after the frame in progress.
 * - `whenIdle`: something changed: it is done when there is nothing else to do, and gives way to any task.
 */
export function benchDue({ known, fingerprint, benchmark, askedAt, auto, waitingForMs }: BenchFacts): 'no' | 'whenIdle' | 'asked' {
  if (!known) return 'no'
  if (askedAt !== undefined && askedAt > (benchmark?.askedAt ?? 0)) return 'asked'
  if (!auto || benchmark?.fingerprint === fingerprint) return 'no'
  return waitingForMs >= patienceMs ? 'asked' : 'whenIdle'
}

export interface BenchChance {
  due: 'no' | 'whenIdle' | 'asked'
  running: boolean
  /** A pause, or a hold of anything but the bench itself. */
  heldByOthers: boolean
  rendering: boolean
  /** Tasks in hand, in whatever state. */
  tasks: number
  /** How long there has been nothing to do. */
  idleForMs: number
}
export const idleBeforeBenchMs = 60_000

export type BenchStep = { hold: boolean; do: 'start' | 'stop' | 'wait' | 'goOn' | 'nothing' }

/** What to do now: never beside a task, never against a hold. */
export function nextBenchStep({ due, running, heldByOthers, rendering, tasks, idleForMs }: BenchChance): BenchStep {
  if (due === 'no') return { hold: false, do: running ? 'stop' : 'nothing' }
  if (heldByOthers) return { hold: false, do: running ? 'stop' : 'wait' }
  if (due === 'asked') return { hold: true, do: rendering ? (running ? 'stop' : 'wait') : running ? 'goOn' : 'start' }
  if (tasks > 0) return { hold: false, do: running ? 'stop' : 'wait' }
  if (running) return { hold: false, do: 'goOn' }
  return { hold: false, do: idleForMs >= idleBeforeBenchMs ? 'start' : 'wait' }
}
