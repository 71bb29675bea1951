import { execFile } from 'node:child_process'
import { getPriority } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { isAlive } from '../../testing/isAlive.ts'
import { findBubblewrap } from './bubblewrap.ts'
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

/** As in a container without an init: the first process is Node, which takes leave of its own children only. */
const asFirstProcess = async (script: string): Promise<string> => {
  const node = [process.execPath, '--no-warnings', '--input-type=module-typescript', '-e', script]
  const apart = ['--dev-bind', '/', '/', '--proc', '/proc', '--unshare-pid', '--as-pid-1']
  return (await promisify(execFile)('bwrap', [...apart, ...node], { timeout: 30_000 })).stdout
}

describe('startProcessTree', () => {
  test('what has ended and nobody takes leave of holds up no end', { timeout: 60_000 }, async () => {
    if (!(await findBubblewrap())) return
    const said = await asFirstProcess(`
      import { startProcessTree } from '${import.meta.dirname}/processTree.ts'
      const env = { PATH: process.env.PATH }
      const tree = await startProcessTree({ command: 'sh', args: ['-c', '(sleep 300 & echo $!); exec sleep 300'], env })
      const child = Number(await new Promise((resolve) => tree.stdout.once('data', resolve)))
      // Longer than this test may take.
      await tree.stop(600_000)
      process.kill(child, 0)
      console.log('ended')`)
    expect(said).toBe('ended\n')
  })

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
