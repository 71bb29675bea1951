import type { Uplink as UplinkStatus } from '#shared/api/runtimeCalls.ts'
import type { WorkerConfig } from '#shared/api/workerConfig.ts'
import type { Logger } from '#shared/log.ts'
import type { Result } from '#shared/result.ts'

export interface EnrolAgainOptions {
  /** What this computer was started with; null: nothing, so that only a person can help. */
  config: WorkerConfig | null
  /** Enrols with new keys and goes on as the new worker. */
  enrol: (config: WorkerConfig) => Promise<Result<null>>
  log: Logger
}

/**
 * Farms clone disks, and containers copy volumes: the newer of two computers with one key is refused (NODE_CLONED). Where it was started with a
 * token for many, it takes another use of that and becomes a worker of its own. Once in the life of a process: a second refusal is another matter.
 * Give it every status of the uplink.
 */
export function createEnrolAgain({ config, enrol, log }: EnrolAgainOptions): (status: Pick<UplinkStatus, 'state' | 'error'>) => void {
  let tried = false
  return ({ state, error }) => {
    // A config for one worker names it; its only use is taken.
    if (tried || state !== 'refused' || error?.code !== 'NODE_CLONED' || config === null || config.workerId !== null) return
    tried = true
    log.warn('another computer works with this key; this one enrols as a worker of its own')
    void enrol(config).then(
      (done) => {
        if (!done.ok) log.warn('it could not be enrolled again', { code: done.error.code, reason: done.error.message })
      },
      (thrown: unknown) => log.error('it could not be enrolled again', { reason: String(thrown) }),
    )
  }
}
