import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const rules = createRequire(import.meta.url)('./imports.config.cjs') as { forbidden: { name: string }[] }

interface Violation {
  rule: string
  from: string
  to: string
}

/** Files that each break one rule (or keep it in a way that looks alike), as they would stand in the tree. */
const innocent: Record<string, string> = {
  // Reported once, at the file where the circle was entered.
  'shared/cycleB.ts': "import { a } from './cycleA.ts'\nexport const b = (): unknown => a\n",
  'shared/ids.ts': "import { z } from 'zod'\nexport const id = z.string()\nexport type Id = z.infer<typeof id>\n",
  'shared/ids.test.ts': "import { it } from 'vitest'\nimport { id } from './ids.ts'\nit('is', () => { id.parse('a') })\n",
  'desktop/runtime/entry.ts':
    "import { hidden } from './hidden.ts'\nexport const startRuntime = hidden\nexport type RuntimeOptions = { a: string }\n",
  'desktop/runtime/hidden.ts': "import { readFileSync } from 'node:fs'\nexport const hidden = readFileSync\n",
  'desktop/runtime/engines/process/processTree.ts':
    "import { spawn } from 'node:child_process'\nexport const tree = spawn\nexport type Tree = { pid: number }\n",
  'desktop/runtime/engines/process/containment.ts': "import { tree } from './processTree.ts'\nexport const start = tree\n",
  'desktop/runtime/engines/contained.ts':
    "import { start } from './process/containment.ts'\nimport type { Tree } from './process/processTree.ts'\nexport const x = (t: Tree) => start(String(t.pid))\n",
  'sync-server/entry.ts':
    "import { hidden } from './hidden.ts'\nimport { id } from '#shared/ids.ts'\nexport const startGateway = [hidden, id]\n",
  'sync-server/hidden.ts': 'export const hidden = 1\nexport type Hidden = number\n',
  'desktop/renderer/app.ts': "import { ref } from 'vue'\nimport { id } from '#shared/ids.ts'\nexport const app = ref(id)\n",
  'desktop/preload/preload.ts': "import type { Id } from '#shared/ids.ts'\nexport const preload = (id: Id) => id\n",
  'desktop/main/main.ts':
    "import { startRuntime } from '../runtime/entry.ts'\nimport { startGateway } from '../../sync-server/entry.ts'\nexport const main = [startRuntime, startGateway]\n",
  'desktop/cli/main.ts': "import { startRuntime } from '../runtime/entry.ts'\nexport const cli = startRuntime\n",
  'desktop/launch/household.ts': "import { startRuntime } from '../runtime/entry.ts'\nexport const launch = startRuntime\n",
  'e2e/harness.ts': "import { id } from '#shared/ids.ts'\nexport const harness = id\n",
}

const guilty: Record<string, { rule: string; source: string }> = {
  'shared/cycleA.ts': { rule: 'no-cycles', source: "import { b } from './cycleB.ts'\nexport const a = (): unknown => b\n" },
  'sync-server/nowhere.ts': { rule: 'unresolvable', source: "import { gone } from '#shared/gone.ts'\nexport const x = gone\n" },
  'shared/usesNode.ts': {
    rule: 'shared-imports-only-itself',
    source: "import { readFileSync } from 'node:fs'\nexport const x = readFileSync\n",
  },
  'shared/usesPackage.ts': { rule: 'shared-imports-only-itself', source: "import { map } from 'rxjs'\nexport const x = map\n" },
  'shared/usesType.ts': {
    rule: 'shared-imports-only-itself',
    source: "import type { Hidden } from '../sync-server/hidden.ts'\nexport const x = (h: Hidden) => h\n",
  },
  'desktop/renderer/usesRuntime.ts': {
    rule: 'renderer-stands-alone',
    source: "import { startRuntime } from '../runtime/entry.ts'\nexport const x = startRuntime\n",
  },
  'desktop/renderer/usesGatewayType.ts': {
    rule: 'renderer-stands-alone',
    source: "import type { Hidden } from '../../sync-server/hidden.ts'\nexport const x = (h: Hidden) => h\n",
  },
  'desktop/renderer/usesMain.ts': {
    rule: 'renderer-stands-alone',
    source: "import { main } from '../main/main.ts'\nexport const x = main\n",
  },
  'desktop/runtime/usesElectron.ts': { rule: 'runtime-is-plain-node', source: "import { app } from 'electron'\nexport const x = app\n" },
  'desktop/runtime/usesElectronType.ts': {
    rule: 'runtime-is-plain-node',
    source: "import type { App } from 'electron'\nexport const x = (app: App) => app\n",
  },
  'desktop/runtime/usesVue.ts': { rule: 'runtime-is-plain-node', source: "import { ref } from 'vue'\nexport const x = ref\n" },
  'desktop/runtime/usesServer.ts': {
    rule: 'runtime-is-plain-node',
    source: "import { startGateway } from '../../sync-server/entry.ts'\nexport const x = startGateway\n",
  },
  'desktop/runtime/engines/usesTree.ts': {
    rule: 'strangers-files-are-opened-contained',
    source: "import { tree } from './process/processTree.ts'\nexport const x = tree\n",
  },
  'desktop/runtime/engines/usesSpawn.ts': {
    rule: 'engines-start-nothing-beside-it',
    source: "import { spawn } from 'node:child_process'\nexport const x = spawn\n",
  },
  'sync-server/usesRuntime.ts': {
    rule: 'sync-server-imports-only-shared',
    source: "import { startRuntime } from '../desktop/runtime/entry.ts'\nexport const x = startRuntime\n",
  },
  'sync-server/usesLazily.ts': {
    rule: 'sync-server-imports-only-shared',
    source: "export const x = () => import('../desktop/runtime/entry.ts')\n",
  },
  'desktop/preload/usesMain.ts': {
    rule: 'preload-is-the-bridge-only',
    source: "import { main } from '../main/main.ts'\nexport const x = main\n",
  },
  'desktop/main/reachesInside.ts': {
    rule: 'shells-use-entry-files',
    source: "import { hidden } from '../runtime/hidden.ts'\nexport const x = hidden\n",
  },
  'desktop/cli/reachesInside.ts': {
    rule: 'shells-use-entry-files',
    source: "import type { Hidden } from '../../sync-server/hidden.ts'\nexport const x = (h: Hidden) => h\n",
  },
  'desktop/launch/reachesInside.ts': {
    rule: 'shells-use-entry-files',
    source: "import { hidden } from '../runtime/hidden.ts'\nexport const x = hidden\n",
  },
  'desktop/launch/usesElectron.ts': { rule: 'launch-is-plain-node', source: "import { app } from 'electron'\nexport const x = app\n" },
  'desktop/launch/usesMain.ts': { rule: 'launch-is-plain-node', source: "import { main } from '../main/main.ts'\nexport const x = main\n" },
  'desktop/runtime/usesLaunch.ts': {
    rule: 'runtime-is-plain-node',
    source: "import { launch } from '../launch/household.ts'\nexport const x = launch\n",
  },
  'desktop/main/usesRenderer.ts': {
    rule: 'main-does-not-import-renderer',
    source: "import { app } from '../renderer/app.ts'\nexport const x = app\n",
  },
  'desktop/main/usesCli.ts': { rule: 'nothing-imports-cli', source: "import { cli } from '../cli/main.ts'\nexport const x = cli\n" },
  'build/usesCli.ts': { rule: 'nothing-imports-cli', source: "import { cli } from '../desktop/cli/main.ts'\nexport const x = cli\n" },
  'desktop/cli/usesTests.ts': {
    rule: 'nothing-imports-tests',
    source: "import { harness } from '../../e2e/harness.ts'\nexport const x = harness\n",
  },
}

describe('the import rules', () => {
  let violations: Violation[] = []
  let tree = ''

  beforeAll(async () => {
    tree = mkdtempSync(join(tmpdir(), 'pictor-imports-'))
    for (const [path, source] of Object.entries(innocent)) write(path, source)
    for (const [path, { source }] of Object.entries(guilty)) write(path, source)
    for (const file of ['tsconfig.json', 'shared/tsconfig.json', 'package.json']) cpSync(join(root, file), join(tree, file))
    for (const name of ['zod', 'vue', 'rxjs', 'electron', 'vitest']) {
      write(
        `node_modules/${name}/package.json`,
        JSON.stringify({ name, version: '1.0.0', type: 'module', main: 'index.js', types: 'index.d.ts' }),
      )
      write(`node_modules/${name}/index.js`, '')
      write(`node_modules/${name}/index.d.ts`, 'export {}\n')
    }
    violations = await cruise(tree)
  })
  afterAll(() => rmSync(tree, { recursive: true, force: true }))

  function write(path: string, source: string): void {
    mkdirSync(dirname(join(tree, path)), { recursive: true })
    writeFileSync(join(tree, path), source)
  }

  it.each(Object.entries(guilty).map(([path, { rule }]) => ({ path, rule })))('$rule bites in $path', ({ path, rule }) => {
    expect(violations.filter(({ from }) => from === path).map((violation) => violation.rule)).toContain(rule)
  })

  it('leaves alone what keeps the rules, although it sits beside what breaks them', () => {
    expect(violations.filter(({ from }) => from in innocent)).toEqual([])
  })

  it('has a case for every rule', () => {
    const tried = new Set(Object.values(guilty).map(({ rule }) => rule))
    expect(rules.forbidden.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([])
  })

  it('makes the lint step fail', async () => {
    const { code } = await run(['--config', join(root, 'build/imports.config.cjs'), 'shared', 'sync-server'], tree)
    expect(code).not.toBe(0)
  })
})

async function cruise(tree: string): Promise<Violation[]> {
  const config = join(root, 'build/imports.config.cjs')
  const { stdout } = await run(['--config', config, '--output-type', 'json', 'shared', 'sync-server', 'desktop', 'e2e', 'build'], tree)
  const report = JSON.parse(stdout) as { summary: { violations: { rule: { name: string }; from: string; to: string }[] } }
  return report.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }))
}

function run(args: string[], cwd: string): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')
    execFile(process.execPath, [program, ...args], { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout })
    })
  })
}
