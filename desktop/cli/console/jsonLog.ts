import type { JsonObject } from '#shared/json.ts'
import type { Logger } from '#shared/log.ts'
import { redact } from '#shared/redact.ts'
import type { Terminal } from './terminal.ts'

/** Everything a command says as lines of JSON on stderr, for services and containers whose logs a machine reads. */
export interface JsonLog {
  terminal: Terminal
  log: Logger
  /** A line that one of our processes printed: passed on when it is JSON, else put into a field. */
  pass: (process: string, line: string) => void
}

type Level = 'debug' | 'info' | 'warn' | 'error'

export function jsonLog(terminal: Terminal, write: (line: string) => void = (line) => void process.stderr.write(`${line}\n`)): JsonLog {
  const put = (level: Level, facts: JsonObject, msg: string) =>
    write(redact(JSON.stringify({ level, time: new Date().toISOString(), process: 'launcher', ...facts, msg })))
  const logger = (part?: string): Logger => {
    const to = (level: Level) => (message: string, facts?: JsonObject) =>
      put(level, { ...(part === undefined ? {} : { part }), ...facts }, message)
    return { debug: () => undefined, info: to('info'), warn: to('warn'), error: to('error'), child: (name) => logger(name) }
  }
  return {
    terminal: { ...terminal, interactive: false, say: (line) => put('info', {}, line.trim()) },
    log: logger(),
    pass(from, line) {
      const fields = parseObject(line)
      // The level of our own logs is pino's number; names are what people filter by.
      if (fields === null) put('info', { process: from }, line)
      else write(JSON.stringify({ ...fields, level: levelOf(fields['level']), process: from }))
    },
  }
}

function parseObject(line: string): JsonObject | null {
  if (!line.startsWith('{')) return null
  try {
    return JSON.parse(line) as JsonObject
  } catch {
    return null
  }
}

function levelOf(level: unknown): Level {
  if (typeof level !== 'number') return 'info'
  if (level >= 50) return 'error'
  if (level >= 40) return 'warn'
  return level >= 30 ? 'info' : 'debug'
}
