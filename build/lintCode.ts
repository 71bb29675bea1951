import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './buildParts.ts'

/**
 * `npm run lint:code`: ESLint over all code, a few folders at a time, each in a process of its own: rules that know types hold the programs of all
 * folders they have seen, and together these no longer fit into the memory that Node gives a process.
 */
const first = ['desktop']
const skipped = new Set(['node_modules', 'out', 'dist', 'docs', 'test-results'])

function main(): number {
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !skipped.has(entry.name))
    .map(({ name }) => name)
  const rest = folders.filter((name) => !first.includes(name))
  const options = ['--config', 'build/eslint.config.ts', '--flag', 'unstable_native_nodejs_ts_config', '--max-warnings', '0']
  const eslint = join(root, 'node_modules/eslint/bin/eslint.js')
  const codes = [first, rest].map(
    (part) => spawnSync(process.execPath, [eslint, ...options, ...part], { cwd: root, stdio: 'inherit' }).status,
  )
  return codes.every((code) => code === 0) ? 0 : 1
}

process.exitCode = main()
