import type { Uplink } from '#shared/api/runtimeCalls.ts'
import type { StartingPart } from '#shared/api/shellCalls.ts'
import type { AppError } from '#shared/errors/appError.ts'
import type { ClientState } from '#shared/sync/clientState.ts'
import type { Place } from '../data/messages.ts'

/**
 * What the pill says. Seen from a runtime's page two lines count: the page's to the runtime, and the runtime's to its server; the nearer
 * one is named first, because without it nothing is known of the other.
 */
export type SyncPill =
  /** `parts`: what the desktop app is still starting. */
  | { kind: 'starting'; parts?: readonly StartingPart[] }
  | { kind: 'live'; since: number }
  /** A computer that works for itself: there is no server to be connected to. */
  | { kind: 'local'; since: number }
  | { kind: 'catchingUp'; count: number | null }
  /** The server is away. `peer` says from whom. */
  | { kind: 'offline'; since: number; peer: Place; framesWaiting: number }
  /** The runtime behind this page does not answer. */
  | { kind: 'noRuntime'; since: number }
  | { kind: 'refused'; since: number; error: AppError }
  | { kind: 'updateNeeded'; since: number }

export type SyncTone = 'good' | 'busy' | 'quiet' | 'bad'

/**
 * @param lostSince when the connection was last lost, so that "since" does not jump with each new try
 */
export function syncPill(
  state: ClientState,
  place: Place,
  uplink: Uplink | null,
  catchingUp: number | null,
  lostSince: number | null,
): SyncPill {
  switch (state.name) {
    case 'idle':
    case 'stopped':
      return { kind: 'starting' }
    case 'connecting':
      if (lostSince === null) return { kind: 'starting' }
      return away(place, lostSince, uplink)
    case 'offline':
      return away(place, lostSince ?? state.since, uplink)
    case 'refused':
      if (state.error.code === 'PROTOCOL_TOO_OLD') return { kind: 'updateNeeded', since: state.since }
      return { kind: 'refused', since: state.since, error: state.error }
    case 'live':
      break
  }
  if (catchingUp !== null) return { kind: 'catchingUp', count: catchingUp }
  if (place === 'gateway' || uplink === null) return { kind: 'live', since: state.since }
  switch (uplink.state) {
    case 'local':
      return { kind: 'local', since: uplink.since }
    case 'live':
      return { kind: 'live', since: uplink.since }
    case 'catchingUp':
      return { kind: 'catchingUp', count: uplink.documentsWaiting > 0 ? uplink.documentsWaiting : null }
    case 'connecting':
    case 'offline':
      return { kind: 'offline', since: uplink.since, peer: 'gateway', framesWaiting: uplink.framesWaiting }
    case 'updateNeeded':
      return { kind: 'updateNeeded', since: uplink.since }
    case 'refused':
      return uplink.error === null
        ? { kind: 'offline', since: uplink.since, peer: 'gateway', framesWaiting: uplink.framesWaiting }
        : { kind: 'refused', since: uplink.since, error: uplink.error as AppError }
  }
}

/** While the app starts its own processes nobody is "away": the pill says what is being started instead. */
export function whileStarting(pill: SyncPill, parts: readonly StartingPart[]): SyncPill {
  if (parts.length === 0) return pill
  return pill.kind === 'starting' || pill.kind === 'offline' || pill.kind === 'noRuntime' ? { kind: 'starting', parts } : pill
}

function away(place: Place, since: number, uplink: Uplink | null): SyncPill {
  return place === 'runtime'
    ? { kind: 'noRuntime', since }
    : { kind: 'offline', since, peer: 'gateway', framesWaiting: uplink?.framesWaiting ?? 0 }
}

export function syncTone(pill: SyncPill): SyncTone {
  switch (pill.kind) {
    case 'live':
    case 'local':
      return 'good'
    case 'starting':
    case 'catchingUp':
      return 'busy'
    case 'offline':
      return 'quiet'
    case 'noRuntime':
    case 'refused':
    case 'updateNeeded':
      return 'bad'
  }
}
