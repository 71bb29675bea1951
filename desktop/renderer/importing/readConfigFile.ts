import { workerConfigSchema, type WorkerConfig } from '#shared/api/workerConfig.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'

const largestBytes = 64 * 1024

export const isConfigFile = ({ name }: Pick<File, 'name'>): boolean => /\.json$/i.test(name)

/** The worker config in a file. Error: CONFIG_MALFORMED {path, reason}. */
export async function readConfigFile(file: Pick<File, 'name' | 'size' | 'text'>): Promise<Result<WorkerConfig>> {
  const malformed = (reason: string) => err(appError('CONFIG_MALFORMED', { path: file.name, reason }))
  if (file.size > largestBytes) return malformed('too large')
  let value: unknown
  try {
    value = JSON.parse(await file.text())
  } catch {
    return malformed('not JSON')
  }
  const parsed = workerConfigSchema.safeParse(value)
  return parsed.success ? ok(parsed.data) : malformed(parsed.error.issues[0]?.path.map(String).join('.') || 'unknown format')
}
