import pino from 'pino'
import type { Logger } from '#shared/log.ts'

/** The log of the gateway's process: one JSON text a line on its standard output, which its parent keeps. */
export function createProcessLog(level: string): Logger {
  return wrap(pino({ level, base: null, redact: { paths: ['password', 'token', 'secret', 'authorization'], remove: true } }))
}

function wrap(logger: pino.Logger): Logger {
  return {
    debug: (message, facts) => logger.debug(facts ?? {}, message),
    info: (message, facts) => logger.info(facts ?? {}, message),
    warn: (message, facts) => logger.warn(facts ?? {}, message),
    error: (message, facts) => logger.error(facts ?? {}, message),
    child: (part) => wrap(logger.child({ part })),
  }
}
