import { durations } from '../durations.ts'

/**
 * The network's rule against double use: while a card renders for the network, nobody else may work it, and nothing may be mined. A verdict
 * blocks the node for a while, with its evidence; it ends by itself and can be contested. Nothing is ever ended or judged while the node is not
 * at work: what a preference answers with a pause is therefore never blocked.
 */
export interface SeenProgram {
  name: string
  commandLine: string
  /** Of one core or one card, whichever is more; null: not known. */
  busyPercent: number | null
  /** A port by which pools are reached, on a computer elsewhere, to which it is connected now; null: none, or not known. */
  poolPort?: number | null
}

export interface IntegrityMoment {
  /** Monotonic, milliseconds. */
  atMs: number
  /** A render runs at this moment; a suspended one does not. */
  processing: boolean
  /** Programs that are not ours. */
  programs: readonly SeenProgram[]
  /** Load of the rendering card by programs that are not ours; null: not known. */
  foreignGpuPercent: number | null
  /** The busiest of them on that card. */
  foreignGpuProgram?: string | null
}

export interface IntegrityLimits {
  foreignGpuPercent: number
  /** So long without a break: a film that starts, a page with a chart or a screenshot is no double use. */
  loadForMs: number
  minerForMs: number
}

export const integrityLimits: IntegrityLimits = { foreignGpuPercent: 30, loadForMs: 60_000, minerForMs: 10_000 }

/** Since when what is judged lasts; pass on what the last judgement gave. */
export interface IntegrityState {
  loadSinceMs: number | null
  minerSinceMs: number | null
}
export const nothingSuspected: IntegrityState = { loadSinceMs: null, minerSinceMs: null }

export interface IntegrityVerdict {
  code: 'FOREIGN_GPU_LOAD' | 'MINER'
  /** What was seen, in plain words of the machine: shown to the owner and sent with a contest. */
  evidence: Record<string, string | number>
}

export function judgeIntegrity(
  before: IntegrityState,
  moment: IntegrityMoment,
  limits: IntegrityLimits = integrityLimits,
): { state: IntegrityState; verdict: IntegrityVerdict | null } {
  if (!moment.processing) return { state: nothingSuspected, verdict: null }
  const miner = moment.programs.map((program) => ({ program, sign: minerSign(program) })).find(({ sign }) => sign !== null)
  const loaded = moment.foreignGpuPercent !== null && moment.foreignGpuPercent > limits.foreignGpuPercent
  const state: IntegrityState = {
    minerSinceMs: miner === undefined ? null : (before.minerSinceMs ?? moment.atMs),
    loadSinceMs: loaded ? (before.loadSinceMs ?? moment.atMs) : null,
  }
  const lasts = (sinceMs: number | null, forMs: number) => sinceMs !== null && moment.atMs - sinceMs >= forMs
  if (miner !== undefined && lasts(state.minerSinceMs, limits.minerForMs))
    return { state, verdict: { code: 'MINER', evidence: { program: miner.program.name, sign: miner.sign ?? '' } } }
  if (lasts(state.loadSinceMs, limits.loadForMs)) {
    const percent = Math.round(moment.foreignGpuPercent ?? 0)
    const program = moment.foreignGpuProgram == null ? {} : { program: moment.foreignGpuProgram }
    const evidence = { percent, limit: limits.foreignGpuPercent, ms: limits.loadForMs, ...program }
    return { state, verdict: { code: 'FOREIGN_GPU_LOAD', evidence } }
  }
  return { state, verdict: null }
}

/** Names that nothing else goes by. Names that are words (t-rex, rigel, excavator, miner) prove nothing without a pool. */
const miners = new Set([
  ...['xmrig', 'xmr-stak', 'nbminer', 'lolminer', 'phoenixminer', 'teamredminer', 'ethminer', 'cgminer', 'bfgminer', 'ccminer'],
  ...['nanominer', 'srbminer-multi', 'bzminer', 'nicehashquickminer', 'nicehashminer', 'claymoredualminer', 'cpuminer', 'minerd'],
])
/** Programs of these names mine or do something harmless: what they are connected to decides. */
const ambiguous = new Set(['t-rex', 'rigel', 'excavator', 'miner', 'gminer', 'kawpowminer', 'onezerominer', 'wildrig', 'srbminer', 'xmr'])
/** By which pools are reached and hardly anything else is. */
export const poolPorts: ReadonlySet<number> = new Set([3333, 3357, 4444, 5588, 10128, 10343, 14433, 14444, 20535, 45560, 45700])
const poolAddress = /\bstratum[12]?\+(?:tcp|ssl|tls):\/\/[^\s:/]+:\d{2,5}\b/i
const algorithm =
  /(?:^|\s)(?:-a|--algo|--coin|--algorithm)[= ](?:ethash|etchash|kawpow|autolykos2?|octopus|randomx|rx\/0|kheavyhash|beamhash|equihash|cuckatoo)/i
const poolOption = /(?:^|\s)(?:-o|-s|--url|--pool|--server)[= ][^\s:]+:\d{2,5}\b/i
/** Who only reads about pools is idle. */
const busyEnough = 20

/** What gives a miner away: its name, a pool's address, or an algorithm together with a server. null for everything else. */
export function minerSign({ name, commandLine, busyPercent, poolPort }: SeenProgram): string | null {
  const plain = name
    .replace(/^.*[/\\]/, '')
    .replace(/\.exe$/i, '')
    .toLowerCase()
  if (miners.has(plain)) return `name ${plain}`
  if (busyPercent === null || busyPercent < busyEnough) return null
  const pool = poolAddress.exec(commandLine)?.[0]
  if (pool !== undefined) return `pool ${pool}`
  const works = algorithm.exec(commandLine)?.[0].trim()
  if (works !== undefined && poolOption.test(commandLine)) return `command line ${works}`
  return poolPort != null && (works !== undefined || ambiguous.has(plain)) ? `pool port ${poolPort}` : null
}

export interface PastBlock {
  since: number
  /** The owner said that it was wrong, and the server agreed. */
  lifted?: boolean
}

/** A block is forgotten after so long without another. */
const forgottenAfterMs = 7 * 86_400_000

/** Whether it is worth looking what a program is connected to: only then does a port decide. */
export const mayMine = ({ name, commandLine }: Pick<SeenProgram, 'name' | 'commandLine'>): boolean =>
  algorithm.test(commandLine) ||
  ambiguous.has(
    name
      .replace(/^.*[/\\]/, '')
      .replace(/\.exe$/i, '')
      .toLowerCase(),
  )

/** When a block that begins now ends: 10 min, doubling with each that is not forgotten or lifted, at most 24 h. */
export function blockedUntil(past: readonly PastBlock[], nowMs: number): number {
  const counted = past.filter(({ since, lifted }) => lifted !== true && since <= nowMs && nowMs - since < forgottenAfterMs).length
  return nowMs + Math.min(durations.blockMaxMs, durations.blockFirstMs * 2 ** Math.min(counted, 20))
}
