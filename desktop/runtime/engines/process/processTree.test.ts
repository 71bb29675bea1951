import { getPriority } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { isAlive } from '../../testing/isAlive.ts'
import { startProcessTree, type ProcessTree } from './processTree.ts'

const env = { PATH: process.env['PATH'] ?? '' }
const bash = (script: string) => startProcessTree({ command: 'bash', args: ['-c', script], env })
/** The process ids that the script prints, one a line. */
const printed = async (tree: ProcessTree, count: number) => {
  let text = ''
  tree.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await vi.waitFor(() => expect(text.split('\n').length).toBeGreaterThan(count), { timeout: 5_000 })
  return text.split('\n').slice(0, count).map(Number)
}

describe('startProcessTree', () => {
  test('gives the exit code, or the signal', async () => {
    expect(await (await bash('exit 7')).exited).toEqual({ code: 7, signal: null })
    expect(await (await bash('kill -SEGV $$')).exited).toEqual({ code: null, signal: 'SIGSEGV' })
  })

  test('a low priority is that of the program and of all it starts', async () => {
    const tree = await startProcessTree({ command: 'bash', args: ['-c', 'nice; (nice)'], env, lowPriority: true })
    let text = ''
    tree.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
    await tree.exited
    const [own, child] = text.trim().split('\n').map(Number)
    expect(own).toBeGreaterThanOrEqual(Math.min(19, getPriority() + 15))
    expect(child).toBe(own)
  })

  test('a program that is not there is an exception with its code', async () => {
    await expect(startProcessTree({ command: '/nowhere/blender', args: [], env })).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(startProcessTree({ command: '/etc/passwd', args: [], env })).rejects.toMatchObject({ code: 'EACCES' })
  })

  test('stop asks first: a program that obeys may clean up', async () => {
    const tree = await bash(`trap 'echo cleaned; exit 5' TERM; echo $$; while true; do sleep 0.1; done`)
    let text = ''
    await printed(tree, 1)
    tree.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
    expect(await tree.stop(5_000)).toEqual({ code: 5, signal: null })
    expect(text).toContain('cleaned')
  })

  test('stop kills what does not obey, with all its descendants, also when paused', async () => {
    const tree = await bash(
      `trap '' TERM; bash -c 'trap "" TERM; echo $$; while true; do sleep 1; done' & echo $$; while true; do sleep 1; done`,
    )
    const pids = await printed(tree, 2)
    tree.pause()
    expect(await tree.stop(100)).toMatchObject({ signal: 'SIGKILL' })
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 5_000 })
  })

  test('a child that holds the pipes open after its parent has ended does not hold us', async () => {
    const tree = await bash('sleep 600 & echo $!; exit 0')
    const [child = 0] = await printed(tree, 1)
    expect(await Promise.race([tree.exited, wait(10_000, 'still waiting')])).toEqual({ code: 0, signal: null })
    await vi.waitFor(() => expect(isAlive(child)).toBe(false), { timeout: 5_000 })
  })

  test('stopping what has ended is no error', async () => {
    const tree = await bash('exit 0')
    await tree.exited
    expect(await tree.stop(10)).toEqual({ code: 0, signal: null })
    expect(() => tree.pause()).not.toThrow()
  })

  test('where there are no signals a helper is told on its input', async () => {
    const control = { pause: 'suspend', resume: 'resume' }
    const tree = await startProcessTree({
      command: 'bash',
      args: ['-c', 'for n in 1 2; do read line; echo "told $line"; done'],
      env,
      control,
    })
    let said = ''
    tree.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    tree.pause()
    tree.resume()
    await tree.exited
    expect(said).toBe('told suspend\ntold resume\n')
    // It has ended: nobody is there to be told, and that is no error.
    tree.pause()
  })
})
