import { homedir } from 'node:os'
import { findCandidates } from './candidates.ts'
import { nodeFiles } from './nodeFiles.ts'

/** Paths of the Blenders in the usual places of this system, without starting any of them. */
export async function findBlenderPrograms(): Promise<string[]> {
  return findCandidates({ platform: process.platform, environment: process.env, homeFolder: homedir(), chosen: [] }, nodeFiles)
}
