import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { redact } from './redact.ts'

const linesPerLog = 2_000

/** Writes the facts and the ends of all logs into one text file, without secrets. Throws when it cannot be written. */
export function writeDiagnostics(path: string, facts: object, logFolder: string): void {
  const logs = readdirSync(logFolder)
    .filter((name) => /\.log(\.\d+)?$/.test(name))
    .map((name) => `=== ${name}\n${readFileSync(join(logFolder, name), 'utf8').split('\n').slice(-linesPerLog).join('\n')}`)
  writeFileSync(path, redact([JSON.stringify(facts, null, 2), ...logs].join('\n\n')), { mode: 0o600 })
}
