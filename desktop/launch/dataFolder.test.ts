import { fork } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { lockDataFolder, openDataFolder } from './dataFolder.ts'
import { readInstance, removeInstance, writeInstance, type Instance } from './instanceFile.ts'
import { readPrivateJson, writePrivateJson } from './privateFile.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-data-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the data folder', () => {
  it('is made with all it holds, for this user alone', () => {
    const data = openDataFolder(join(folder, 'new', 'one'))
    expect(statSync(data.gateway).isDirectory()).toBe(true)
    expect(statSync(data.path).mode & 0o077).toBe(0)
  })

  it('says so when it cannot be written to', () => {
    const file = join(folder, 'a-file')
    writeFileSync(file, '')
    expect(() => openDataFolder(join(file, 'below'))).toThrow(/DATA_FOLDER_READ_ONLY/)
    expect(() => openDataFolder('/proc/pictor')).toThrow(/DATA_FOLDER_READ_ONLY/)
  })

  it('is taken by one process only, and free again afterwards', () => {
    const release = lockDataFolder(folder)
    expect(() => lockDataFolder(folder)).toThrow(/DATA_FOLDER_IN_USE/)
    release()
    lockDataFolder(folder)()
  })

  it('is free again when its owner was killed', async () => {
    const script = join(folder, 'owner.mjs')
    writeFileSync(
      script,
      `import { DatabaseSync } from 'node:sqlite'
       const database = new DatabaseSync(process.argv[2])
       database.exec('BEGIN EXCLUSIVE')
       process.send('locked')
       setInterval(() => database.isOpen, 1000)`,
    )
    const owner = fork(script, [join(folder, 'lock.sqlite')], { execArgv: [] })
    await new Promise((resolve) => owner.once('message', resolve))
    expect(() => lockDataFolder(folder)).toThrow(/DATA_FOLDER_IN_USE/)
    const ended = new Promise((resolve) => owner.once('exit', resolve))
    owner.kill('SIGKILL')
    await ended
    lockDataFolder(folder)()
  })
})

describe('the instance file', () => {
  const instance = (pid: number): Instance => ({
    kind: 'up',
    pid,
    startedAt: 1,
    gatewayUrl: 'http://127.0.0.1:1',
    pageUrl: null,
    ownerId: null,
    nodeId: null,
    processes: {},
    control: { url: 'http://127.0.0.1:2', token: 't' },
  })

  it('is read back while its process lives', () => {
    writeInstance(folder, instance(process.pid))
    expect(readInstance(folder)).toEqual(instance(process.pid))
    removeInstance(folder)
    expect(readInstance(folder)).toBeNull()
  })

  it('does not count when its process is gone', () => {
    writeInstance(folder, instance(2 ** 22 + 1))
    expect(readInstance(folder)).toBeNull()
  })
})

describe('a private file', () => {
  it('is readable by this user alone and refuses other shapes', () => {
    const path = join(folder, 'private.json')
    writePrivateJson(path, { a: 1 })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readPrivateJson(path, z.object({ a: z.number() }))).toEqual({ a: 1 })
    expect(readPrivateJson(path, z.object({ a: z.string() }))).toBeNull()
    writeFileSync(path, '{"a":')
    expect(readPrivateJson(path, z.object({ a: z.number() }))).toBeNull()
  })
})
