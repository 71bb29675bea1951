import { toAppError } from '#shared/errors/appError.ts'
import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { Logger } from '#shared/log.ts'
import type { Engine, EngineSoftware } from '../engines/engine.ts'

/** The programs found here and what follows from them. */
export interface Software {
  list(): EngineSoftware[]
  /** 3D programs that nothing renders with; they are shown. */
  others(): NodeDocument['software']
  /** The first look is through. */
  isKnown(): boolean
  /** Looks again; one look at a time. */
  find(): Promise<EngineSoftware[]>
  onChange(listener: () => void): () => void
  stop(): void
}

export function createSoftware(
  engine: Pick<Engine, 'probe'>,
  log: Logger,
  findOthers: () => Promise<NodeDocument['software']> = () => Promise.resolve([]),
): Software {
  const listeners = new Set<() => void>()
  const stopped = new AbortController()
  let list: EngineSoftware[] = []
  let others: NodeDocument['software'] = []
  let known = false
  let looking: Promise<EngineSoftware[]> | null = null

  const look = async () => {
    try {
      others = await findOthers()
      list = await engine.probe(stopped.signal)
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
    others: () => others,
    isKnown: () => known,
    find: () => (looking ??= look().finally(() => (looking = null))),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop: () => stopped.abort(),
  }
}
