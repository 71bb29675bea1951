import { describe, expect, it } from 'vitest'
import { describeFailure, failedBrowserTests, failedUnitTests } from './failedTests.ts'

const root = '/repo/'

describe('failedUnitTests', () => {
  const passed = { ancestorTitles: ['money'], title: 'adds', status: 'passed', failureMessages: [] }
  const failed = {
    ancestorTitles: ['money', 'fees'],
    title: 'rounds down',
    status: 'failed',
    failureMessages: [
      '\u001b[31mAssertionError: expected 2 to be 1\u001b[39m\n    at check (/repo/shared/check.ts:3:1)\n    at /repo/shared/money/fee.test.ts:12:20\n    at run (file:///repo/node_modules/vitest/dist/run.js:5:7)',
    ],
  }

  it('names each failed test with the first line of its error and its place, without colours', () => {
    const file = { name: '/repo/shared/money/fee.test.ts', status: 'failed', message: '', assertionResults: [passed, failed] }
    const found = failedUnitTests({ numPassedTests: 1, testResults: [file] }, root)
    expect(found).toEqual([
      {
        file: 'shared/money/fee.test.ts',
        name: 'money > fees > rounds down',
        error: 'AssertionError: expected 2 to be 1',
        location: 'shared/money/fee.test.ts:12:20',
      },
    ])
    expect(found.map(describeFailure).join('\n')).toBe(
      '  shared/money/fee.test.ts > money > fees > rounds down\n    AssertionError: expected 2 to be 1 (shared/money/fee.test.ts:12:20)',
    )
  })

  it('names a file that failed before its tests', () => {
    const file = { name: '/repo/a.test.ts', status: 'failed', message: 'Cannot find module ./b.ts', assertionResults: [] }
    expect(failedUnitTests({ numPassedTests: 0, testResults: [file] }, root)).toEqual([
      { file: 'a.test.ts', name: '', error: 'Cannot find module ./b.ts', location: null },
    ])
  })
})

describe('failedBrowserTests', () => {
  const config = { rootDir: '/repo/e2e' }
  const stats = { expected: 1 }
  const spec = (ok: boolean, status: string, errors: object[]) => ({
    title: 'renders',
    file: 'outage/nodeKilled.spec.ts',
    ok,
    tests: [{ results: [{ status, errors }] }],
  })
  const suites = (one: ReturnType<typeof spec>) => [{ title: 'outage', specs: [], suites: [{ title: '', specs: [one] }] }]

  it('prefers the line of the test to the line of a helper', () => {
    const error = {
      message: 'Error: waited 60 s for Blender',
      stack:
        'Error: waited 60 s for Blender\n    at waitFor (/repo/e2e/support/waitFor.ts:17:46)\n    at /repo/e2e/outage/nodeKilled.spec.ts:30:9',
      location: { file: '/repo/e2e/support/waitFor.ts', line: 17, column: 46 },
    }
    expect(failedBrowserTests({ config, stats, errors: [], suites: suites(spec(false, 'failed', [error])) }, root)).toEqual([
      {
        file: 'e2e/outage/nodeKilled.spec.ts',
        name: 'renders',
        error: 'Error: waited 60 s for Blender',
        location: 'e2e/outage/nodeKilled.spec.ts:30:9',
      },
    ])
  })

  it('names what ended without an error, and what failed before all tests', () => {
    const errors = [{ message: 'the build failed' }]
    const found = failedBrowserTests({ config, stats, errors, suites: suites(spec(false, 'interrupted', [])) }, root)
    expect(found.map(({ file, error }) => [file, error])).toEqual([
      ['(set-up)', 'the build failed'],
      ['e2e/outage/nodeKilled.spec.ts', 'ended as interrupted'],
    ])
  })

  it('finds nothing where all passed', () => {
    expect(failedBrowserTests({ config, stats, errors: [], suites: suites(spec(true, 'passed', [])) }, root)).toEqual([])
  })
})
