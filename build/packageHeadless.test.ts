import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tar from 'tar'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ensureBuilt } from './ensureBuilt.ts'
import { packageHeadless } from './packageHeadless.ts'

const target = `${process.platform}-${process.arch}` as 'linux-x64'
let folder = ''
const names: string[] = []
const home = () => join(folder, 'pictor-worker')

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-headless-'))
  await ensureBuilt(() => undefined)
  const options = { target, version: '7.8.9', folder, feedUrl: 'https://releases.example/', publicKeys: ['A'.repeat(43)], compression: 1 }
  const file = await packageHeadless(options)
  await tar.list({ file, onReadEntry: ({ path }) => void names.push(path) })
  await tar.extract({ file, cwd: folder })
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** As on a computer that has nothing: no Node, no PATH, no home. */
const bare = { PATH: '', HOME: '/nonexistent' }
const pictor = (...args: string[]) => execFileSync(join(home(), 'pictor'), args, { env: bare, encoding: 'utf8' })

it('holds the bundles, Node, and the packages they need at run time; nothing else', () => {
  const files = names.filter((name) => !name.endsWith('/'))
  const inside =
    /^pictor-worker\/(pictor|current|versions\/7\.8\.9\/(bin\/node|release\.json|package\.json|(out\/(node|renderer)|node_modules)\/.+))$/
  expect(files.filter((name) => !inside.test(name))).toEqual([])
  expect(files.filter((name) => /\.(map|ts|md)$/.test(name))).toEqual([])
  // Native code of this system only.
  const foreign = /(darwin|win32|linux)[-/](x64|arm64)\//
  expect(
    files.filter((name) => foreign.test(name) && !name.includes(`${process.platform}/${process.arch}/`) && !name.includes(target)),
  ).toEqual([])
  const packages = new Set(files.flatMap((name) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? []))
  for (const needed of ['sharp', '@node-rs/argon2', 'pouchdb', 'systeminformation']) expect(packages).toContain(needed)
  for (const development of ['vite', 'vitest', 'electron', 'electron-updater', 'typescript', '@playwright/test', 'vue', 'node'])
    expect(packages).not.toContain(development)
})

it('runs in an empty environment, also through a link from elsewhere', () => {
  expect(pictor('--help')).toContain('Usage: pictor')
  expect(pictor('--version').trim()).toBe('7.8.9')
  const link = join(folder, 'pictor-link')
  symlinkSync(join(home(), 'pictor'), link)
  expect(execFileSync(link, ['--version'], { env: bare, encoding: 'utf8' }).trim()).toBe('7.8.9')
})

it('looks the computer over with its own Node, whatever stands on the PATH', () => {
  const data = join(folder, 'data')
  const run = () => pictor('worker', 'doctor', '--json', '--data', data)
  // Exit code 1 says that this computer cannot work (no Blender on an empty PATH, perhaps); the answer is there all the same.
  let text = ''
  try {
    text = run()
  } catch (error) {
    text = (error as { stdout: string }).stdout
  }
  const answer = JSON.parse(text) as { ok: boolean; checks: { code: string }[] }
  expect(answer.ok).toBe(true)
  expect(answer.checks.map(({ code }) => code)).toContain('RAM_TOO_SMALL')
})

it('carries the feed and the keys it was made with, and no secret', () => {
  const release = JSON.parse(readFileSync(join(home(), 'versions/7.8.9/release.json'), 'utf8')) as object
  expect(release).toMatchObject({ version: '7.8.9', target, feedUrl: 'https://releases.example/', publicKeys: ['A'.repeat(43)] })
  expect(existsSync(join(home(), 'trial'))).toBe(false)
})
