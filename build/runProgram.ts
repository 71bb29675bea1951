import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import { root } from './buildParts.ts'

/** How a program ended, and the last of what it said. */
export interface Outcome {
  passed: boolean
  tail: string
}

const mostTailCharacters = 16_000

/**
 * Runs a program in the root of the repository. Passed: it ended with exit code 0; one that cannot be started has failed.
 * @param aside nothing is shown while it runs, only `tail` tells what it said.
 */
export function runProgram(
  command: string,
  args: string[],
  { aside = false, environment = {} }: { aside?: boolean; environment?: Record<string, string> } = {},
): Promise<Outcome> {
  // Through a pipe no program sees the terminal behind us.
  const env: NodeJS.ProcessEnv = { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}), ...environment }
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env })
    let tail = ''
    const hear = (chunk: string, through: NodeJS.WriteStream) => {
      if (!aside) through.write(chunk)
      tail = (tail + chunk).slice(-mostTailCharacters)
    }
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => hear(chunk, process.stdout))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => hear(chunk, process.stderr))
    const end = (passed: boolean) => resolve({ passed, tail: stripVTControlCharacters(tail).trimEnd() })
    child.on('error', (error) => {
      tail += `${command}: ${error.message}`
      end(false)
    })
    child.on('close', (code) => end(code === 0))
  })
}
