#!/usr/bin/env node
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import packageFacts from '../../package.json' with { type: 'json' }
import { makeContext } from './context.ts'
import { readSecretFiles } from './console/secrets.ts'
import { runProgram } from './program.ts'

/** The command line's process. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read our output has had enough, as `head` does.
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
  throw error
})
const neededMajor = 24
if (Number(process.versions.node.split('.')[0]) < neededMajor) {
  process.stderr.write(`error: Pictor Worker needs Node ${neededMajor} or newer; this is ${process.versions.node}.\n`)
  process.exitCode = 1
} else {
  // With a command's own means: with --json the error is data.
  const context = makeContext(dirname(dirname(fileURLToPath(import.meta.url))), packageFacts.version)
  const argv = process.argv.slice(2)
  const problem = readSecretFiles(process.env)
  if (problem === null) await runProgram(context, argv)
  else await context.run(argv.includes('--json'), () => Promise.reject(problem))
}
