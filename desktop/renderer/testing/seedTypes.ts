import type { Documents } from '#shared/collections/collections.ts'

export type Seed = { [Name in keyof Documents]: Documents[Name][] }
export const ownerId = 'owner-9f2k4m7x1c3v5b8n0q6w'
export const hourMs = 3_600_000
