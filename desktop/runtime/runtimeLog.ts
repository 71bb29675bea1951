import pino, { type Logger as Pino } from 'pino'
import type { JsonObject } from '#shared/json.ts'
import type { Logger } from '#shared/log.ts'

/** Logs as JSON lines on the standard error; whoever started the process decides where they go. */
export function createRuntimeLog(level: 'debug' | 'info' | 'warn' | 'error' = 'info'): Logger {
  return wrap(pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true })))
}

const wrap = (log: Pino): Logger => ({
  debug: (message: string, facts?: JsonObject) => log.debug(facts ?? {}, message),
  info: (message: string, facts?: JsonObject) => log.info(facts ?? {}, message),
  warn: (message: string, facts?: JsonObject) => log.warn(facts ?? {}, message),
  error: (message: string, facts?: JsonObject) => log.error(facts ?? {}, message),
  child: (part) => wrap(log.child({ part })),
})
