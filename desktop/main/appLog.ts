import { appendFileSync } from 'node:fs'
import type { JsonObject } from '#shared/json.ts'
import type { Logger } from '#shared/log.ts'

/** The shell's own log: few lines, one JSON text each. */
export function appLog(path: string, part?: string): Logger {
  const write = (level: string) => (msg: string, facts?: JsonObject) =>
    appendFileSync(
      path,
      `${JSON.stringify({ level, time: new Date().toISOString(), ...(part === undefined ? {} : { part }), ...facts, msg })}\n`,
    )
  return {
    debug: () => undefined,
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (name) => appLog(path, name),
  }
}
