import type { FleetRow } from './fleet.ts'

/** Stands in while a worker is not known, so that nothing is listened to: only `id`, `node` and `status` of it are ever read. */
export const nobody = { id: '', node: null, status: { status: 'offline' } } as unknown as FleetRow
