import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { findElectron, hasDisplay } from './electronBinary.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pictor-electron-'))
  mkdirSync(join(root, 'node_modules/electron/dist'), { recursive: true })
  mkdirSync(join(root, 'out/node'), { recursive: true })
  writeFileSync(join(root, 'node_modules/electron/package.json'), '{}')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

it('finds the binary that was downloaded, from any folder below', () => {
  writeFileSync(join(root, 'node_modules/electron/path.txt'), 'electron')
  writeFileSync(join(root, 'node_modules/electron/dist/electron'), '')
  expect(findElectron(join(root, 'out/node'))).toBe(join(root, 'node_modules/electron/dist/electron'))
})

it('finds nothing where the binary was never downloaded, or is gone again', () => {
  expect(findElectron(join(root, 'out/node'))).toBeNull()
  writeFileSync(join(root, 'node_modules/electron/path.txt'), 'electron')
  expect(findElectron(join(root, 'out/node'))).toBeNull()
})

it('needs a display on Linux only', () => {
  expect(hasDisplay({}, 'linux')).toBe(false)
  expect(hasDisplay({ DISPLAY: ':0' }, 'linux')).toBe(true)
  expect(hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe(true)
  expect(hasDisplay({}, 'win32')).toBe(true)
})
