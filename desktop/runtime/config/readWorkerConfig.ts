import { workerConfigSchema, type WorkerConfig } from '#shared/api/workerConfig.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'

/** Checks the shape of a worker config, whatever it is. Error: CONFIG_MALFORMED with the first thing that is wrong. */
export function readWorkerConfig(value: unknown, path = 'config'): Result<WorkerConfig> {
  const parsed = workerConfigSchema.safeParse(value)
  if (parsed.success) return ok(parsed.data)
  const issue = parsed.error.issues[0]
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `
  return err(appError('CONFIG_MALFORMED', { path, reason: `${where}${issue?.message ?? 'unknown'}` }))
}
