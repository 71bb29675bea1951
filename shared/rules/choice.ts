import type { Needs } from '../collections/task.schema.ts'

/** What a node can do, as it says when it asks for work. */
export interface Capabilities {
  kinds: readonly string[]
  /** `major.minor` of the Blenders there. */
  blenderVersions: readonly string[]
  engines: readonly string[]
  denoisers: readonly string[]
  vramMiB: number
  /** Price asked per unit; null = takes the network's average. Does not count for the owner's own jobs. */
  bidMicroPerUnit: number | null
}

/** `major.minor` as a number that sorts: "3.4" → 3004. What cannot be read is 0 (needs nothing, offers nothing). */
export function versionNumber(version: string | undefined): number {
  const match = /^(\d{1,4})\.(\d{1,3})/.exec(version ?? '')
  return match ? Number(match[1]) * 1_000 + Number(match[2]) : 0
}

const newestVersionNumber = (versions: readonly string[]): number =>
  versions.reduce((best, version) => Math.max(best, versionNumber(version)), 0)

/** Everything a choice looks at, so that chunks with the same needs share one class and the index is per class. */
export interface ChoiceClass {
  kind: string
  versionNumber: number
  engine: string
  denoiser: string
  /** Rounded up to whole GiB. */
  vramMiB: number
  microPerUnit: number
}

export function choiceClassOf(needs: Needs, microPerUnit: number): ChoiceClass {
  return {
    kind: needs.kind,
    versionNumber: versionNumber(needs.blenderVersion),
    engine: needs.engine ?? '',
    denoiser: needs.denoiser ?? '',
    vramMiB: Math.ceil((needs.vramMiB ?? 0) / 1_024) * 1_024,
    microPerUnit,
  }
}

/** A Blender at least as new as the scene, the engine and denoiser it wants, enough memory on the card. */
export function canRender(wanted: ChoiceClass, capabilities: Capabilities): boolean {
  return (
    capabilities.kinds.includes(wanted.kind) &&
    (wanted.kind !== 'blender' || newestVersionNumber(capabilities.blenderVersions) >= Math.max(1, wanted.versionNumber)) &&
    (wanted.engine === '' || capabilities.engines.includes(wanted.engine)) &&
    (wanted.denoiser === '' || capabilities.denoisers.includes(wanted.denoiser)) &&
    wanted.vramMiB <= Math.ceil(capabilities.vramMiB / 1_024) * 1_024
  )
}

/** Work of others only at a price not below the node's own. */
export const paysEnough = (wanted: ChoiceClass, capabilities: Capabilities): boolean =>
  capabilities.bidMicroPerUnit === null || capabilities.bidMicroPerUnit <= wanted.microPerUnit

/**
 * The order among chunks that fit: smallest rank first, ties by id.
 *
 *   rank = when the job came (ms) + position of the chunk in it × 10 s
 *
 * So chunks of one job go in order, jobs that come together share the nodes, and a small job sent an hour after an endless one
 * starts at once beside it instead of behind it. A node works for its own owner's jobs before any other.
 */
const rankSpacingMs = 10_000
export const chunkRank = (jobCreatedAtMs: number, chunkIndex: number): number => jobCreatedAtMs + chunkIndex * rankSpacingMs

/** A frame's time where nothing is known of the job yet. */
export const unknownFrameMs = 60_000

/** How many chunks of this length fill the buffer: at least one for each free slot, never more than 32 at once. */
export function chunksWanted(heldMs: number, bufferMs: number, slots: number, holding: number, chunkMs: number): number {
  const byTime = Math.ceil(Math.max(0, bufferMs - heldMs) / Math.max(1, chunkMs))
  const bySlots = Math.max(0, slots - holding)
  return Math.min(32, Math.max(byTime, bySlots))
}
