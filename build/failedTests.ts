import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** One test that failed, or a file or set-up that failed before its tests. */
export interface FailedTest {
  /** Path from the root of the repository. */
  file: string
  /** Names of what it stands in and its own; empty when the file itself failed. */
  name: string
  /** First line of the error, without colours. */
  error: string
  /** Where in our sources, as `path:line:column`; null when the error does not say. */
  location: string | null
}

/** The parts of Vitest's JSON report that are read here. */
export interface UnitReport {
  numPassedTests: number
  testResults: {
    name: string
    status: string
    message: string
    assertionResults: { ancestorTitles: string[]; title: string; status: string; failureMessages: string[] }[]
  }[]
}

interface BrowserError {
  message?: string
  stack?: string
  location?: { file: string; line: number; column: number }
}
interface BrowserSuite {
  title: string
  specs: { title: string; file: string; ok: boolean; tests: { results: { status: string; errors: BrowserError[] }[] }[] }[]
  suites?: BrowserSuite[]
}

/** The parts of Playwright's JSON report that are read here. `file` counts from `config.rootDir`. */
export interface BrowserReport {
  config: { rootDir: string }
  suites: BrowserSuite[]
  errors: BrowserError[]
  stats: { expected: number }
}

/** What failed in a run of Vitest. @param root of the repository, absolute. */
export function failedUnitTests(report: UnitReport, root: string): FailedTest[] {
  return report.testResults.flatMap(({ name, status, message, assertionResults }): FailedTest[] => {
    const file = relative(root, name)
    const tests = assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => {
        const text = test.failureMessages[0] ?? ''
        const names = [...test.ancestorTitles, test.title].filter((part) => part !== '').join(' > ')
        return { file, name: names, error: firstLine(text), location: locationIn(text, root, file) }
      })
    if (tests.length > 0 || status !== 'failed') return tests
    return [{ file, name: '', error: firstLine(message), location: locationIn(message, root, file) }]
  })
}

/** What failed in a run of Playwright. @param root of the repository, absolute. */
export function failedBrowserTests(report: BrowserReport, root: string): FailedTest[] {
  const describe = (file: string, name: string, error: BrowserError | undefined): FailedTest => {
    const { message = '', stack = '', location } = error ?? {}
    const deepest = location === undefined ? null : `${relative(root, location.file)}:${location.line}:${location.column}`
    return { file, name, error: firstLine(message || stack), location: locationIn(stack, root, file) ?? deepest }
  }
  const inside = (suite: BrowserSuite): FailedTest[] => [
    ...suite.specs
      .filter(({ ok }) => !ok)
      .map(({ title, file, tests }) => {
        const results = tests.flatMap((test) => test.results)
        const failed = results.find(({ errors }) => errors.length > 0) ?? results.at(-1)
        const error = failed?.errors[0] ?? { message: failed === undefined ? 'did not run' : `ended as ${failed.status}` }
        return describe(relative(root, `${report.config.rootDir}/${file}`), title, error)
      }),
    ...(suite.suites ?? []).flatMap(inside),
  ]
  return [...report.errors.map((error) => describe('(set-up)', '', error)), ...report.suites.flatMap(inside)]
}

/** Two lines a test: what failed, and why. */
export function describeFailure({ file, name, error, location }: FailedTest): string {
  const short = error.length > 220 ? `${error.slice(0, 220)}…` : error
  return `  ${name === '' ? file : `${file} > ${name}`}\n    ${short}${location === null ? '' : ` (${location})`}`
}

const firstLine = (text: string): string =>
  stripVTControlCharacters(text)
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '') ?? 'no message'

/** The first place of a stack that lies in the test's file, or else anywhere in our sources. */
function locationIn(text: string, root: string, file: string): string | null {
  const places = [...stripVTControlCharacters(text).matchAll(/(?:file:\/\/)?(\/[^\s()]+?):(\d+:\d+)/g)]
    .filter(([, path = '']) => path.startsWith(root) && !path.includes('/node_modules/'))
    .map(([, path = '', place]) => ({ path: relative(root, path), place }))
  const found = places.find(({ path }) => path === file) ?? places[0]
  return found === undefined ? null : `${found.path}:${found.place}`
}
