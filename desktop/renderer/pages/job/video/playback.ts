export const speeds = [0.25, 0.5, 1, 2] as const
export const frameRates = [12, 24, 25, 30, 60] as const

/** Where a film stands: the place in its list of pictures, and how much time of that picture has passed. */
export interface Playhead {
  index: number
  /** Milliseconds of film since the picture came up. */
  withinMs: number
}

/** Moves on by so much time of film; at the end it begins anew, or stays on the last picture. */
export function advance(
  { index, withinMs }: Playhead,
  filmMs: number,
  count: number,
  fps: number,
  loop: boolean,
): Playhead & { ended: boolean } {
  if (count === 0) return { index: 0, withinMs: 0, ended: true }
  const pictureMs = 1_000 / fps
  const total = withinMs + filmMs
  const steps = Math.floor(total / pictureMs + 1e-9)
  const rest = Math.max(0, total - steps * pictureMs)
  const next = index + steps
  if (next < count) return { index: next, withinMs: rest, ended: false }
  return loop ? { index: next % count, withinMs: rest, ended: false } : { index: count - 1, withinMs: 0, ended: true }
}

/** "0:05.12": minutes, seconds, and which picture of the second, as film editors count. */
export function timecode(index: number, fps: number): string {
  const seconds = Math.floor(index / fps)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}.${String(index % fps).padStart(2, '0')}`
}
