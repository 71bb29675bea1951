import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { commandLineOf, quoteArgument } from './commandLine.ts'
import { jobHelperSource } from './jobHelperSource.ts'
import { findJobObjects, jobObjects, readReport } from './jobObjects.ts'

/** No Windows was at hand: the helper is compiled where Mono is, and what is around it is played. */
let folder = ''
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'pictor-job-test-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('a command line of Windows', () => {
  test.each([
    ['plain', 'plain'],
    ['', '""'],
    ['two words', '"two words"'],
    ['C:\\folder\\', 'C:\\folder\\'],
    ['C:\\my folder\\', '"C:\\my folder\\\\"'],
    ['say "yes"', '"say \\"yes\\""'],
    ['a\\"b', '"a\\\\\\"b"'],
  ])('%s', (text, quoted) => expect(quoteArgument(text)).toBe(quoted))
  test('is the program and its arguments', () => expect(commandLineOf('C:\\a b\\x.exe', ['-f', '1'])).toBe('"C:\\a b\\x.exe" -f 1'))
})

describe('job objects', () => {
  const limits = { memoryBytes: 1_000, tasks: 20, processes: 7 }
  const played = (calls: string[][], fail = false) => ({
    environment: { SystemRoot: 'C:\\Windows', ComSpec: 'cmd.exe' },
    execute: async (command: string, args: readonly string[]) => {
      calls.push([command, ...args])
      const made = args.find((one) => one.startsWith('/out:'))
      if (fail) throw new Error('not allowed here')
      if (made !== undefined) await writeFile(made.slice(5), 'a program')
    },
  })

  test('the helper is compiled once, tried, and starts what it is given', async () => {
    const calls: string[][] = []
    expect(await findJobObjects(folder, played(calls))).toMatchObject({ means: 'jobObject' })
    expect(calls[0]?.[0]).toBe('C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\csc.exe')
    expect(calls[1]?.[0]).toMatch(/pictor-job-[0-9a-f]{12}\.exe$/)
    expect(await findJobObjects(folder, played(calls))).not.toBeNull()
    expect(calls).toHaveLength(3)
    expect(await readdir(folder)).toHaveLength(1)
  })

  test('where it cannot be compiled there is none, and nothing is left', async () => {
    expect(await findJobObjects(folder, played([], true))).toBeNull()
    expect(await readdir(folder)).toEqual([])
  })

  test('the command travels whole, and what was met is read', async () => {
    const group = await jobObjects('helper.exe', folder).create('a', limits)
    const { command, args, control } = group.enter({ command: 'C:\\Blender 4\\blender.exe', args: ['-b', 'szene ä.blend'] })
    expect([command, args[0], args[1]]).toEqual(['helper.exe', '1000', '7'])
    expect(Buffer.from(args[3] ?? '', 'base64').toString('utf16le')).toBe('"C:\\Blender 4\\blender.exe" -b "szene ä.blend"')
    expect(control).toEqual({ pause: 'suspend', resume: 'resume' })
    expect(await group.met()).toEqual({ memory: false, tasks: false })
    await writeFile(args[2] ?? '', 'tasks\r\n')
    expect(await group.met()).toEqual({ memory: false, tasks: true })
    await group.remove()
    await expect(readFile(args[2] ?? '')).rejects.toThrow()
    expect(readReport('memory\n')).toEqual({ memory: true, tasks: false })
  })

  test('the helper is C# of the version that the compiler of every Windows takes', async () => {
    const compiler = spawnSync('mcs', ['--version'], { encoding: 'utf8' })
    // What newer versions brought, which that compiler does not know.
    expect(jobHelperSource).not.toMatch(/\$"|\?\.|nameof\(|out var |using static/)
    if (compiler.error !== undefined) return
    await writeFile(join(folder, 'job.cs'), jobHelperSource)
    const compiled = spawnSync('mcs', ['-langversion:5', '-warnaserror', `-out:${join(folder, 'job.exe')}`, join(folder, 'job.cs')], {
      encoding: 'utf8',
    })
    expect(compiled.stderr + compiled.stdout).toBe('')
    expect(compiled.status).toBe(0)
  })
})
