import { homedir } from 'node:os'
import type { Logger } from '#shared/log.ts'
import type { EngineSoftware } from '../engine.ts'
import type { Containment } from '../process/containment.ts'
import { findCandidates, type FileLookup, type SearchPlace } from './candidates.ts'
import { nodeFiles } from './nodeFiles.ts'
import { probeBlender, type Probed } from './probe.ts'
import type { ProbeCache } from './probeCache.ts'
import { compareVersions } from '#shared/rules/compareVersions.ts'
import type { Result } from '#shared/result.ts'

export interface FindBlendersOptions {
  containment: Containment
  /** Programs or folders from the settings. */
  chosen: readonly string[]
  cache: ProbeCache
  logger: Logger
  signal?: AbortSignal
  /** For tests. */
  place?: Omit<SearchPlace, 'chosen'>
  files?: FileLookup
  probe?: (program: string, signal?: AbortSignal) => Promise<Result<Probed>>
}

/** Every working Blender of this computer, newest first. A program that does not answer is logged and left out. */
export async function findBlenders(options: FindBlendersOptions): Promise<EngineSoftware[]> {
  const place = options.place ?? { platform: process.platform, environment: process.env, homeFolder: homedir() }
  const candidates = await findCandidates({ ...place, chosen: options.chosen }, options.files ?? nodeFiles)
  const probe = options.probe ?? ((program, signal) => probeBlender(program, options.containment, signal))
  const found: EngineSoftware[] = []
  // One after the other: several Blenders starting at once would fight over the disk and the cards.
  for (const path of candidates) {
    if (options.signal?.aborted) break
    const probed = await options.cache.get(path, () => probe(path, options.signal))
    if (!probed.ok) options.logger.warn('a Blender does not answer', { path, code: probed.error.code, reason: probed.error.message })
    else {
      const { version, engines, devices, denoisers, cpuProof } = probed.value
      const proofs = cpuProof === undefined ? {} : { proofs: [cpuProof] }
      found.push({ kind: 'blender', version, path, engines, devices, denoisers, ...proofs })
    }
  }
  return found.sort((a, b) => compareVersions(b.version, a.version))
}
