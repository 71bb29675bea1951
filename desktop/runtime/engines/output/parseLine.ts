/** What one line of Blender's own output says, in either dialect (2.8x-4.x, 5.x). Lines that say nothing of interest are `other`. */
export type OutputLine =
  | ({ kind: 'stats' } & StatsLine)
  | { kind: 'frameStarted'; frame: number }
  | { kind: 'saved'; path: string }
  | { kind: 'skipped'; path: string }
  | { kind: 'frameTime'; elapsedMs: number; savingMs: number }
  | { kind: 'read'; path: string }
  | { kind: 'quit' }
  | { kind: 'other' }

export interface StatsLine {
  frame: number
  memMiB?: number
  peakMiB?: number
  /** Cycles' own count: of the card when it renders on one. */
  deviceMemMiB?: number
  devicePeakMiB?: number
  elapsedMs?: number
  remainingMs?: number
  sample?: number
  samples?: number
  fraction?: number
  status?: string
}

/** 5.x: `00:03.579  render           | message`. The time may have lost its beginning to a table printed into the same line. */
const prefixed = /(?<![\d:.])\d+[:.][\d:.]*\s+[\w.]+\s*\| (.*)$/
const stats = /^\s*Fra:\s*(-?\d+)\s*(?:\|\s*)?(.*)$/
const time = String.raw`(\d+:)?(\d+):(\d+)(?:\.(\d+))?`
const frameTime = new RegExp(String.raw`^\s*Time:\s*${time} \(Saving:\s*${time}\)`)

/** Reads one line (without its end). Pure; anything unexpected is `other`, never an exception. */
export function parseLine(line: string): OutputLine {
  const message = line.startsWith('Fra:') ? line : (prefixed.exec(line)?.[1] ?? line)
  const statsMatch = stats.exec(message)
  if (statsMatch) return { kind: 'stats', frame: Number(statsMatch[1]), ...parseStats(statsMatch[2] ?? '') }
  // Paths may hold quotes themselves: take everything up to the last one.
  const saved = /^\s*Saved: '(.*)'/.exec(message)
  if (saved?.[1] !== undefined) return { kind: 'saved', path: saved[1] }
  const skipped = /^\s*skipping existing frame "(.*)"/i.exec(message)
  if (skipped?.[1] !== undefined) return { kind: 'skipped', path: skipped[1] }
  const timed = frameTime.exec(message)
  if (timed) return { kind: 'frameTime', elapsedMs: toMs(timed.slice(1, 5)), savingMs: toMs(timed.slice(5, 9)) }
  const started = /^Rendering frame (-?\d+)/.exec(message)
  if (started) return { kind: 'frameStarted', frame: Number(started[1]) }
  const read = /^Read blend: "?(.+?)"?$/.exec(message)
  if (read?.[1] !== undefined) return { kind: 'read', path: read[1] }
  if (message === 'Blender quit') return { kind: 'quit' }
  return { kind: 'other' }
}

/** Reads what follows `Fra:N` (also what the `render_stats` handler hands over). */
export function parseStats(text: string): Omit<StatsLine, 'frame'> {
  const found: Omit<StatsLine, 'frame'> = {}
  let rest = text
  const own = /^Mem:\s*([\d.,]+)([KMGT])?i?B?(?: \((?:[\d.]+[KMGT]?, )?Peak ([\d.]+)([KMGT])?\))?\s*(?:\||$)/.exec(rest)
  if (own) {
    found.memMiB = toMiB(own[1], own[2])
    if (own[3] !== undefined) found.peakMiB = toMiB(own[3], own[4])
    rest = rest.slice(own[0].length)
  }
  const words: string[] = []
  for (const part of rest.split(' | ').map((piece) => piece.trim())) {
    if (part !== '' && !readField(part, found)) words.push(part)
  }
  const status = words.at(-1)
  if (status !== undefined) found.status = words.length > 1 && isScene(words[0] ?? '') ? words.slice(1).join(' | ') : words.join(' | ')
  readCounts(found)
  return found
}

/** The first words of a Cycles line in 2.8x-4.x are "Scene, ViewLayer" (in stereo "Scene, ViewLayer, left"). */
const isScene = (words: string) => /^[^|]+, [^|]+$/.test(words) && !/\d+\/\d+/.test(words)

function readField(part: string, found: Omit<StatsLine, 'frame'>): boolean {
  const elapsed = new RegExp(`^Time:\\s*${time}$`).exec(part)
  if (elapsed) found.elapsedMs = toMs(elapsed.slice(1))
  const remaining = new RegExp(`^Remaining:\\s*${time}$`).exec(part)
  if (remaining) found.remainingMs = toMs(remaining.slice(1))
  const memory = /^Mem:\s*([\d.]+)([KMGT])?(?:, Peak:\s*([\d.]+)([KMGT])?)?$/.exec(part)
  if (memory) {
    if (memory[3] !== undefined) {
      found.deviceMemMiB = toMiB(memory[1], memory[2])
      found.devicePeakMiB = toMiB(memory[3], memory[4])
    } else if (found.memMiB === undefined) {
      // 5.x prints one number only, after the remaining time.
      found.memMiB = toMiB(memory[1], memory[2])
    }
  }
  const peak = /^Peak:?\s*([\d.]+)([KMGT])?$/.exec(part)
  if (peak) found.peakMiB = toMiB(peak[1], peak[2])
  return Boolean(elapsed ?? remaining ?? memory ?? peak)
}

/** Samples and tiles, in the words of Cycles (before and since X) and EEVEE. */
function readCounts(found: Omit<StatsLine, 'frame'>): void {
  const status = found.status ?? ''
  const sample = /\bSample (\d+)\/(\d+)/.exec(status) ?? /\bRendering (\d+) \/ (\d+) samples/.exec(status)
  const tile = /\bTile (\d+)\/(\d+)/.exec(status) ?? /\bRendered (\d+)\/(\d+) Tiles/.exec(status)
  if (sample) {
    found.sample = Number(sample[1])
    found.samples = Number(sample[2])
  }
  if (tile) {
    const [done, tiles] = [Number(tile[1]), Number(tile[2])]
    // "Path Tracing Tile" (before Cycles X) counts the samples of a tile that is already counted, unless there is only one.
    const ofTile =
      sample && done < tiles && (tiles === 1 || tile[0].startsWith('Rendered')) ? ratio(Number(sample[1]), Number(sample[2])) : 0
    found.fraction = ratio(done + ofTile, tiles)
  } else if (sample) found.fraction = ratio(Number(sample[1]), Number(sample[2]))
  else if (/^Finished\b/.test(status)) found.fraction = 1
}

const ratio = (part: number, whole: number) => (whole > 0 ? Math.min(1, part / whole) : 0)

function toMiB(text: string | undefined, unit: string | undefined): number {
  const factor = { K: 1 / 1024, M: 1, G: 1024, T: 1024 * 1024 }[unit ?? 'M'] ?? 1
  return Number((text ?? '').replaceAll(',', '')) * factor
}

/** hours? minutes seconds fraction? as matched by `time`. The fraction is in hundredths, but any length is read. */
function toMs(groups: Array<string | undefined>): number {
  const [hours, minutes, seconds, fraction] = groups
  const whole = (Number((hours ?? '0').replace(':', '')) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0)
  return whole * 1000 + Math.round(Number(`0.${fraction ?? '0'}`) * 1000)
}
