import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { wrongFuses } from '../../../build/readFuses.ts'
import { smokeApp } from './smokeApp.ts'

/**
 * `npm run smoke -- PROGRAM --version X`: starts the packed app that ships and looks whether it works (smokeApp.ts), is that version, would update itself, and
 * has its fuses as they were decided. For the release workflow; exits with 1 and the reason.
 */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { version: { type: 'string' } }, allowPositionals: true })
  const [program] = positionals
  if (program === undefined || values.version === undefined) {
    process.stderr.write('npm run smoke -- PROGRAM --version X\n')
    return 2
  }
  const data = mkdtempSync(join(tmpdir(), 'pictor-smoke-'))
  try {
    const wrong = await wrongFuses(program)
    if (wrong.length > 0) throw new Error(`fuses that are not as decided: ${wrong.join(', ')}`)
    const report = await smokeApp(program, data)
    if (report.version !== values.version) throw new Error(`it is version ${report.version}, not ${values.version}`)
    if (report.updatesDisabled !== null) throw new Error(`it would not update itself: ${report.updatesDisabled}`)
    process.stdout.write(`${dirname(program)}: version ${report.version} works\n`)
    return 0
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  } finally {
    rmSync(data, { recursive: true, force: true, maxRetries: 5 })
  }
}

process.exitCode = await main()
