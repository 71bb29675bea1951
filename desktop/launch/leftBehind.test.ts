import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Logger } from '#shared/log.ts'
import { endLeftBehind, processBegan, rememberProcess } from './leftBehind.ts'
import { descendants } from './processTree.ts'

const log: Logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn(), child: () => log }
let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pictor-left-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const isGone = (pid: number) => expect.poll(() => processBegan(pid)).toBeNull()

it('ends a process that hangs, with what it started', async () => {
  const hanging = spawn(process.execPath, [
    '-e',
    `require('child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 1e6)']); console.log('up'); for (;;) {}`,
  ])
  await new Promise((resolve) => hanging.stdout.once('data', resolve))
  const pid = hanging.pid ?? 0
  const [child] = descendants(pid)
  const path = join(folder, 'processes', 'runtime.json')
  rememberProcess(path, pid)
  expect(endLeftBehind(path, log)).toBe(true)
  await isGone(pid)
  await isGone(child ?? 0)
  expect(existsSync(path)).toBe(false)
  expect(endLeftBehind(path, log), 'once').toBe(false)
})

it('leaves alone whoever got the same number later', () => {
  const path = join(folder, 'processes', 'runtime.json')
  rememberProcess(path, process.pid)
  expect(endLeftBehind(path, log, () => 'later')).toBe(false)
  expect(endLeftBehind(join(folder, 'none.json'), log)).toBe(false)
})
