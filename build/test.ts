import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './buildParts.ts'
import { ensureBuilt } from './ensureBuilt.ts'
import { ensurePrograms } from './setup/debianPackages.ts'

/**
 * `npm test`: everything a change must pass, in the order that fails soonest. Stops at the first step that fails.
 * Programs the tests use are installed first where that is allowed.
 */
const programs = [
  { program: 'blender', debianPackage: 'blender' },
  { program: 'chromium', debianPackage: 'chromium' },
  { program: 'Xvfb', debianPackage: 'xvfb' },
  { program: 'bwrap', debianPackage: 'bubblewrap' },
  { program: 'ps', debianPackage: 'procps' },
  { program: 'strace', debianPackage: 'strace' },
  { program: 'faketime', debianPackage: 'faketime' },
]

const say = (line: string) => process.stdout.write(`${line}\n`)
const reports = mkdtempSync(join(tmpdir(), 'pictor-test-'))
const unitReport = join(reports, 'unit.json')
const browserReport = join(reports, 'browser.json')

interface Step {
  name: string
  run: () => Promise<boolean>
}

const steps: Step[] = [
  { name: 'programs', run: havePrograms },
  { name: 'lint', run: () => npmScript('lint') },
  { name: 'types', run: () => npmScript('typecheck') },
  { name: 'build', run: () => ensureBuilt(say).then(() => true) },
  {
    name: 'unit tests',
    run: () =>
      program('vitest', [
        'run',
        '--config',
        'build/vitest.config.ts',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${unitReport}`,
      ]),
  },
  {
    name: 'tests in the browser, with all processes',
    run: () =>
      program('playwright', ['test', '--config', 'e2e/playwright.config.ts', '--reporter=list,json'], {
        PLAYWRIGHT_JSON_OUTPUT_NAME: browserReport,
      }),
  },
]

async function havePrograms(): Promise<boolean> {
  const outcome = await ensurePrograms(programs, say)
  if (outcome.state !== 'missing') return true
  say(`The tests need ${outcome.packages.join(', ')}, and ${outcome.reason}. Install them with:\n\n  ${outcome.howTo}\n`)
  return false
}

const npmScript = (name: string) => program('npm', ['run', '-s', name])

function program(command: string, args: string[], environment: Record<string, string> = {}): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } })
    child.on('error', (error) => {
      say(`${command}: ${error.message}`)
      resolve(false)
    })
    child.on('exit', (code) => resolve(code === 0))
  })
}

const seconds = (sinceMs: number) => `${((performance.now() - sinceMs) / 1000).toFixed(0)} s`

/** How many tests passed, from the runners' own reports; null where a report is not there. */
function countTests(): { unit: number | null; browser: number | null } {
  const read = <T>(path: string, pick: (report: T) => number): number | null => {
    try {
      return pick(JSON.parse(readFileSync(path, 'utf8')) as T)
    } catch {
      // The step did not get as far as writing its report.
      return null
    }
  }
  return {
    unit: read<{ numPassedTests: number }>(unitReport, (report) => report.numPassedTests),
    browser: read<{ stats: { expected: number } }>(browserReport, (report) => report.stats.expected),
  }
}

async function main(): Promise<number> {
  const started = performance.now()
  const summary: string[] = []
  let failed: string | null = null
  for (const step of steps) {
    const stepStarted = performance.now()
    say(`\n── ${step.name}`)
    const passed = await step.run().catch((error: unknown) => {
      say(error instanceof Error ? error.message : String(error))
      return false
    })
    summary.push(`${passed ? 'passed' : 'FAILED'}  ${step.name} (${seconds(stepStarted)})`)
    if (passed) continue
    failed = step.name
    break
  }
  const { unit, browser } = countTests()
  rmSync(reports, { recursive: true, force: true })
  say(`\n── summary\n${summary.join('\n')}`)
  say(
    `${unit ?? 0} unit tests and ${browser ?? 0} browser tests passed in ${seconds(started)}${failed === null ? '' : `; stopped at: ${failed}`}`,
  )
  return failed === null ? 0 : 1
}

process.exitCode = await main()
