import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './buildParts.ts'
import {
  describeFailure,
  failedBrowserTests,
  failedUnitTests,
  type BrowserReport,
  type FailedTest,
  type UnitReport,
} from './failedTests.ts'
import { runProgram, type Outcome } from './runProgram.ts'
import { ensurePrograms, headlessDrawing } from './setup/debianPackages.ts'

/**
 * `npm test`: everything a change must pass. Goes on after a failure, so that one run tells all that is wrong; only what cannot be without an
 * earlier step is left out. Ends with a summary that names each failure. Programs the tests use are installed first where that is allowed.
 */
const programs = [
  { program: 'blender', debianPackage: 'blender' },
  { program: 'chromium', debianPackage: 'chromium' },
  { program: 'Xvfb', debianPackage: 'xvfb' },
  headlessDrawing,
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
  passed: boolean
  tookMs: number
  /** Last lines of what it said. */
  tail: string
}
const steps: Step[] = []

/** Runs a step and notes how it ended; gives whether it passed. @param aside its words are shown at its end, since it runs beside another. */
async function step(name: string, run: (aside: boolean) => Promise<Outcome>, aside = false): Promise<boolean> {
  const started = performance.now()
  say(`\n── ${name}`)
  const { passed, tail } = await run(aside).catch((error: unknown) => ({ passed: false, tail: String(error) }))
  const tookMs = performance.now() - started
  if (aside) say(`\n── ${name}: ${passed ? 'passed' : 'FAILED'} after ${seconds(tookMs)}\n${tail}`)
  steps.push({ name, passed, tookMs, tail })
  return passed
}

async function havePrograms(): Promise<Outcome> {
  const outcome = await ensurePrograms(programs, say)
  if (outcome.state !== 'missing') return { passed: true, tail: '' }
  const tail = `The tests need ${outcome.packages.join(', ')}, and ${outcome.reason}. Install them with:\n\n  ${outcome.howTo}\n`
  say(tail)
  return { passed: false, tail }
}

const npmScript = (name: string) => (aside: boolean) => runProgram('npm', ['run', '-s', name], { aside })
const build = (aside: boolean) => runProgram(process.execPath, ['build/ensureBuilt.ts'], { aside })
const unitArguments = ['run', '--config', 'build/vitest.config.ts', '--reporter=default', '--reporter=json']
// Vitest is colourful in a log file too.
const plainWords = process.stdout.isTTY ? {} : { NO_COLOR: '1' }
const unitTests = () => runProgram('vitest', [...unitArguments, `--outputFile.json=${unitReport}`], { environment: plainWords })
const browserTests = () =>
  runProgram('playwright', ['test', '--config', 'e2e/playwright.config.ts', '--reporter=list,json'], {
    environment: { PLAYWRIGHT_JSON_OUTPUT_NAME: browserReport },
  })

const seconds = (ms: number) => `${(ms / 1000).toFixed(0)} s`

/** A runner's own report; null when its step did not get as far as writing it. */
function readReport<T>(path: string): T | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch {
    return null
  }
}

/** What failed, step by step: the tests by name, of anything else the last lines. */
function describeFailures(failed: Map<string, FailedTest[]>): string[] {
  return steps
    .filter(({ passed }) => !passed)
    .map(({ name, tail }) => {
      const tests = failed.get(name) ?? []
      // A runner can fail without a failed test, e.g. by an error nobody caught.
      const words = tests.length > 0 ? tests.map(describeFailure).join('\n') : tail.split('\n').slice(-12).join('\n')
      return `\nFAILED: ${name}${tests.length > 0 ? `, ${tests.length} tests` : ''}\n${words}`
    })
}

async function main(): Promise<number> {
  const started = performance.now()
  if (await step('programs', havePrograms)) {
    // Two lanes, each of which keeps about one core busy.
    const [built] = await Promise.all([
      step('build', build, true).then(async (passed) => {
        await step('types', npmScript('typecheck'), true)
        for (const part of ['imports', 'format', 'dead']) await step(`lint: ${part}`, npmScript(`lint:${part}`), true)
        return passed
      }),
      step('lint: code', npmScript('lint:code'), true),
    ])
    await step('unit tests', unitTests)
    if (built) await step('tests in the browser, with all processes', browserTests)
  }
  const [unit, browser] = [readReport<UnitReport>(unitReport), readReport<BrowserReport>(browserReport)]
  rmSync(reports, { recursive: true, force: true })
  const failures = describeFailures(
    new Map([
      ['unit tests', unit === null ? [] : failedUnitTests(unit, root)],
      ['tests in the browser, with all processes', browser === null ? [] : failedBrowserTests(browser, root)],
    ]),
  )
  say('\n── summary')
  for (const { name, passed, tookMs } of steps) say(`${passed ? 'passed' : 'FAILED'}  ${name} (${seconds(tookMs)})`)
  say(
    `${unit?.numPassedTests ?? 0} unit tests and ${browser?.stats.expected ?? 0} browser tests passed in ${seconds(performance.now() - started)}`,
  )
  for (const failure of failures) say(failure)
  return steps.every(({ passed }) => passed) ? 0 : 1
}

process.exitCode = await main()
