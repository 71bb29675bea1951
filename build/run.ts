import { spawn, type SpawnOptions } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * `npm start` and `npm run pictor`: builds what changed, then runs the command line with the given arguments in Node 24,
 * passing signals on and its exit code back.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const neededMajor = 24

const nodeProgram = findNode()
if (Number(process.versions.node.split('.')[0]) < neededMajor) {
  // Started by an older Node (which may not even know TypeScript's syntax further down): the same again in Node 24.
  forward(nodeProgram, [fileURLToPath(import.meta.url), ...process.argv.slice(2)])
} else {
  await runCommandLine()
}

function findNode(): string {
  const own = `${root}node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`
  return existsSync(own) ? own : process.execPath
}

async function runCommandLine(): Promise<void> {
  const { ensureBuilt } = await import('./ensureBuilt.ts')
  try {
    await ensureBuilt((line) => process.stderr.write(`${line}\n`))
  } catch (error) {
    process.stderr.write(`The build failed: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  }
  forward(process.execPath, [`${root}out/node/cli.js`, ...process.argv.slice(2)])
}

function forward(program: string, args: string[]): void {
  const options: SpawnOptions = { stdio: 'inherit', env: { ...process.env, PICTOR_ROOT: root } }
  const child = spawn(program, args, options)
  // Passed on and waited for. Ctrl-C in a terminal reaches the child twice then; it takes two within a second for one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`${program} could not be started: ${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 1)))
}
