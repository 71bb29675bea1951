import type { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeContext } from './context.ts'
import { makeProgram, runProgram } from './program.ts'

let out = ''
let problems = ''
beforeEach(() => {
  out = ''
  problems = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    problems += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

const run = async (...argv: string[]) => {
  await runProgram(makeContext('/nowhere/out', '9.9.9'), argv)
  return process.exitCode
}
const bad = '/nowhere/data/that/cannot/be'

describe('the command line', () => {
  it.each([
    [['--help']],
    [['up', '--help']],
    [['server', '--help']],
    [['server', 'owner', 'add', '--help']],
    [['worker', 'create', '--help']],
  ])('explains itself: %s', async (argv) => {
    expect(await run(...argv)).toBe(0)
    expect(out).toContain('Usage: pictor')
  })

  it('says which exit codes there are', async () => {
    await run('--help')
    expect(out).toContain('Exit codes:')
  })

  it.each([
    ['an unknown command', ['fly']],
    ['an unknown option', ['up', '--fast']],
    ['a port that is none', ['up', '--port', '70000']],
    ['a missing argument', ['submit']],
    ['no frames', ['submit', 'a.blend']],
    ['frames that run backwards', ['submit', 'a.blend', '--frames', '9-1', '--data', bad]],
    ['frames that are words', ['submit', 'a.blend', '--frames', 'all', '--data', bad]],
    ['too many frames', ['submit', 'a.blend', '--frames', '0-1048574', '--data', bad]],
    ['an address that is none', ['worker', '--server', 'farm', '--enroll', 'x']],
    ['half of what a worker needs', ['worker', '--server', 'http://127.0.0.1:1', '--data', bad]],
    ['half of what TLS needs', ['server', '--tls-cert', 'a.pem', '--data', bad]],
    ['a demo without a demo', ['up', '--exit-when-done', '--data', bad]],
  ])('refuses %s with exit code 2, a sentence and data', async (_what, argv) => {
    expect(await run(...argv, '--json')).toBe(2)
    expect(problems).toMatch(/^error: .+\n$/)
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      error: { code: expect.any(String) as string, message: expect.any(String) as string },
    })
  })

  it('does not find what does not run: exit code 3', async () => {
    expect(await run('status', '--data', bad, '--json')).toBe(3)
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'NOT_RUNNING' } })
  })

  it.each([
    ['a scene that is not there', ['submit', '/nowhere/a.blend', '--frames', '1', '--data', bad], 'SCENE_NOT_FOUND'],
    ['a config that is not there', ['worker', '--config', '/nowhere/a.pictor.json', '--data', bad], 'CONFIG_MALFORMED'],
    ['a config that is something else', ['worker', '--config', import.meta.filename, '--data', bad], 'CONFIG_MALFORMED'],
    ['a data folder that cannot be', ['up', '--data', '/proc/pictor'], 'DATA_FOLDER_READ_ONLY'],
  ])('refuses %s with its code', async (_what, argv, code) => {
    expect(await run(...argv, '--json')).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code } })
  })

  it('gives every command --json', () => {
    const leaves = (command: Command): Command[] => (command.commands.length === 0 ? [command] : command.commands.flatMap(leaves))
    for (const command of leaves(makeProgram(makeContext('/nowhere/out', '9.9.9')))) expect(command.helpInformation()).toContain('--json')
  })
})
