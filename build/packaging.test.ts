import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { FileMatcher } from 'app-builder-lib/out/fileMatcher.js'
import { getConfig, validateConfiguration } from 'app-builder-lib/out/util/config/config.js'
import { ESLint } from 'eslint'
import { expect, it } from 'vitest'
import { root } from './buildParts.ts'
import { fuses } from './fuses.ts'
import { externalPackages } from './node.vite.ts'

const load = () => getConfig(root, join(root, 'electron-builder.yml'), null)
const noLog = { isEnabled: false, add: () => undefined, save: () => Promise.resolve(), data: new Map() }

it('electron-builder’s own schema takes the configuration, and refuses a word it does not know', async () => {
  const config = await load()
  await expect(validateConfiguration(config, noLog as never)).resolves.toBeUndefined()
  await expect(validateConfiguration({ ...config, hardenedRunTime: true } as never, noLog as never)).rejects.toThrow('hardenedRunTime')
})

it('the configuration sets every fuse as build/fuses.ts decides it', async () => {
  const { electronFuses } = await load()
  const decided = Object.fromEntries(Object.entries(fuses).map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value]))
  expect(electronFuses).toEqual(decided)
})

it('only what runs goes into the app', async () => {
  // electron-builder gathers the list into one set.
  const [{ filter }] = (await load()).files as unknown as [{ filter: string[] }]
  const takes = new FileMatcher(root, join(root, 'dist'), (text) => text, filter).createFilter()
  const sources = globSync('**/*.*', { cwd: root, exclude: ['node_modules', 'out', 'dist', '.git'] })
  const built = globSync('out/**/*.*', { cwd: root })
  const made = ['out/main/main.js', 'out/main/main.js.map', 'out/renderer-testing/index.html', 'out/.stamp-node.json', 'out/node/cli.js']
  // Files that are not there now are looked at as if they were: the list must not depend on what was built last.
  const taken = [...new Set([...sources, ...built, ...made])].filter((name) => takes(join(root, name), statSync(root)))
  const outside = taken.filter((name) => !/^out\/(main|preload|renderer|node|icons)\//.test(name))
  expect(outside).toEqual(['package.json'])
  expect(taken).toContain('out/main/main.js')
  expect(taken).toContain('out/node/cli.js')
  expect(taken.filter((name) => name.endsWith('.map'))).toEqual([])
})

it.each([
  ['linux', 'linux', ['darwin', 'win32']],
  ['win', 'win32', ['darwin', 'linux']],
  ['mac', 'darwin', ['linux', 'win32']],
] as const)(
  'the upscaler goes into the app for %s with its own runtime and no other, outside of the archive',
  async (name, own, others) => {
    const config = await load()
    const globs = config[name]?.files as string[]
    // Exclusions alone would take in the whole project besides.
    expect(globs).toContain('package.json')
    const expand = (text: string) => text.replaceAll('${arch}', 'x64')
    const takes = new FileMatcher(root, join(root, 'dist'), expand, ['**/*', ...globs]).createFilter()
    const binary = (system: string) => `node_modules/onnxruntime-node/bin/napi-v6/${system}/x64/onnxruntime_binding.node`
    const isTaken = (path: string) => takes(join(root, path), statSync(join(root, 'package.json')))
    expect(isTaken(binary(own))).toBe(true)
    expect(isTaken('out/node/upscaler.js')).toBe(true)
    for (const other of others) expect(isTaken(binary(other))).toBe(false)
    expect(config.asarUnpack).toContain('node_modules/onnxruntime-node/**')
    expect(externalPackages).toContain('onnxruntime-node')
  },
)

it.each([
  ['desktop/main/shell.ts', "import { ipcMain } from 'electron'\nvoid ipcMain\n"],
  ['desktop/main/shell.ts', "import electron from 'electron'\nvoid electron\n"],
  ['desktop/launch/parts.ts', "import { app } from 'electron'\nvoid app\n"],
  // It throws in the packaged app: one file of the launcher may, for plain Node.
  ['desktop/launch/store.ts', "import { fork } from 'node:child_process'\nvoid fork\n"],
  ['desktop/main/main.ts', "import { fork } from 'child_process'\nvoid fork\n"],
  ['sync-server/main.ts', "import * as processes from 'node:child_process'\nvoid processes\n"],
  ['desktop/runtime/main.ts', "import cluster from 'node:cluster'\nvoid cluster\n"],
])('%s may not say %j', { timeout: 120_000 }, async (filePath, code) => {
  const eslint = new ESLint({
    cwd: root,
    overrideConfigFile: join(root, 'build/eslint.config.ts'),
    flags: ['unstable_native_nodejs_ts_config'],
  })
  const [result] = await eslint.lintText(code, { filePath: join(root, filePath) })
  expect(result?.messages.map(({ ruleId }) => ruleId)).toContain('no-restricted-imports')
})
