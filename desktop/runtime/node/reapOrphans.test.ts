import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { quietLog } from '../testing/quietLog.ts'
import { namesOurScratch, reapOrphans } from './reapOrphans.ts'

let folder: string
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'pictor-node-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('what an earlier start left behind', () => {
  test('is known by its scratch folder alone', () => {
    expect(namesOurScratch('/usr/bin/blender -b /x -P /data/worlds/w/work/t1/scratch/render.py', '/data')).toBe(true)
    expect(namesOurScratch('/usr/bin/blender -b /data/worlds/w/scenes/s.blend', '/data')).toBe(false)
    expect(namesOurScratch('vim /data/worlds/notes', '/data')).toBe(false)
    expect(namesOurScratch('blender -P /other/data/worlds/w/work/t/render.py', '/data')).toBe(false)
  })
  test('is ended, whatever it does with signals', async () => {
    await mkdir(join(folder, 'worlds', 'w', 'work', 't'), { recursive: true })
    const marker = join(folder, 'worlds', 'w', 'work', 't', 'render.py')
    // It waits in the shell itself: a child between fork and exec would look like a second orphan. Once it speaks, its command line stands.
    const orphan = spawn('sh', ['-c', 'trap "" TERM; echo ready; read -r _', marker], { detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
    await once(orphan.stdout, 'data')
    expect(await reapOrphans(folder, quietLog)).toBe(1)
    if (orphan.exitCode === null && orphan.signalCode === null) await once(orphan, 'exit')
    expect(orphan.signalCode).toBe('SIGKILL')
    expect(await reapOrphans(folder, quietLog)).toBe(0)
  })
})
