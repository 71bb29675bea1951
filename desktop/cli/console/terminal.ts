import type { JsonObject } from '#shared/json.ts'
import type { Logger } from '#shared/log.ts'

/** Where a command writes: results to stdout, everything else to stderr. */
export interface Terminal {
  /** `--json`: stdout carries exactly one JSON object. */
  json: boolean
  /** stdout is a terminal: progress may be drawn. */
  interactive: boolean
  /** A line for the person, on stderr. */
  say(line: string): void
  /** A line of the result, on stdout; nothing with `--json`. */
  print(line: string): void
  /** The one JSON object; nothing without `--json`. */
  printJson(value: JsonObject): void
  /** Text that overwrites the current line of the terminal; only called when interactive. */
  draw(text: string): void
  columns(): number
}

export function makeTerminal(json: boolean): Terminal {
  return {
    json,
    interactive: process.stdout.isTTY && !json,
    say: (line) => void process.stderr.write(`${line}\n`),
    print: (line) => {
      if (!json) process.stdout.write(`${line}\n`)
    },
    printJson: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`)
    },
    draw: (text) => void process.stdout.write(text),
    columns: () => process.stdout.columns || 80,
  }
}

/** Logs for a person: one line each, on stderr; facts behind the sentence. */
export function terminalLogger(terminal: Terminal, part = ''): Logger {
  const write = (level: string) => (message: string, facts?: JsonObject) => {
    const shown = Object.entries(facts ?? {}).map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    terminal.say([level, part, message, ...shown].filter((text) => text !== '').join(' '))
  }
  return {
    debug: () => undefined,
    info: write(''),
    warn: write('warning:'),
    error: write('error:'),
    child: (name) => terminalLogger(terminal, part === '' ? `${name}:` : `${part} ${name}:`),
  }
}
