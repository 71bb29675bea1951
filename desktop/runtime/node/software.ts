import { toAppError } from '#shared/errors/appError.ts'
import type { Logger } from '#shared/log.ts'
import type { Engine, EngineSoftware, RenderDevice } from '../engines/engine.ts'

/** The programs found here and what follows from them. */
export interface Software {
  list(): EngineSoftware[]
  /** The first look is through. */
  isKnown(): boolean
  /** Looks again; one look at a time. */
  find(): Promise<EngineSoftware[]>
  /** One for each render that may run at a time; empty without a program. The array stays the same until the answer changes. */
  devices(): readonly RenderDevice[]
  onChange(listener: () => void): () => void
  stop(): void
}

const gpuBackends = new Set(['OPTIX', 'CUDA', 'HIP', 'ONEAPI', 'METAL'])

export function createSoftware(engine: Pick<Engine, 'probe'>, log: Logger): Software {
  const listeners = new Set<() => void>()
  const stopped = new AbortController()
  let list: EngineSoftware[] = []
  let devices: readonly RenderDevice[] = []
  let known = false
  let looking: Promise<EngineSoftware[]> | null = null

  const look = async () => {
    try {
      list = await engine.probe(stopped.signal)
      devices = devicesFor(list)
      known = true
      log.info('programs found', { versions: list.map(({ kind, version }) => `${kind} ${version}`) })
    } catch (error) {
      log.error('looking for programs failed', { reason: toAppError(error).message })
    }
    listeners.forEach((listener) => listener())
    return list
  }
  return {
    list: () => list,
    isKnown: () => known,
    find: () => (looking ??= look().finally(() => (looking = null))),
    devices: () => devices,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop: () => stopped.abort(),
  }
}

/** One slot: all cards together where a Blender can use them, the processor elsewhere. */
export function devicesFor(software: readonly EngineSoftware[]): RenderDevice[] {
  if (software.length === 0) return []
  const hasGpu = software.some(({ devices }) => devices.some((device) => gpuBackends.has(device)))
  return [hasGpu ? { kind: 'gpu' } : { kind: 'cpu' }]
}
