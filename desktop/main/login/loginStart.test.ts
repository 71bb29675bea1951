import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { isStartedHidden, renewStartAtLogin, setStartAtLogin } from './loginStart.ts'

const app = vi.hoisted(() => ({
  isPackaged: true,
  wasOpenedAtLogin: false,
  data: '',
  getName: () => 'Pictor Worker',
  getAppPath: () => '/app',
  setLoginItemSettings: vi.fn(),
  getLoginItemSettings: (): object => ({ wasOpenedAtLogin: app.wasOpenedAtLogin }),
  commandLine: { getSwitchValue: (): string => app.data },
}))
vi.mock('electron', () => ({ app }))

let config = ''
const entry = () => join(config, 'autostart/pictor-worker.desktop')
const on = (platform: NodeJS.Platform) => vi.spyOn(process, 'platform', 'get').mockReturnValue(platform)

beforeEach(() => {
  config = mkdtempSync(join(tmpdir(), 'pictor-login-'))
  vi.stubEnv('XDG_CONFIG_HOME', config)
  vi.stubEnv('APPIMAGE', '/home/ada/Apps/pictor worker.AppImage')
  Object.assign(app, { isPackaged: true, wasOpenedAtLogin: false, data: '' })
  app.setLoginItemSettings.mockClear()
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  rmSync(config, { recursive: true, force: true })
})

it('is an entry of the desktop’s autostart on Linux, which Electron’s own list does not know', () => {
  on('linux')
  setStartAtLogin(true)
  expect(readFileSync(entry(), 'utf8')).toContain('Exec="/home/ada/Apps/pictor worker.AppImage" "--hidden"\n')
  expect(app.setLoginItemSettings).not.toHaveBeenCalled()
  setStartAtLogin(false)
  expect(existsSync(entry())).toBe(false)
  setStartAtLogin(false)
})

it('keeps the data folder that this app was started with', () => {
  on('linux')
  app.data = '/data/second'
  setStartAtLogin(true)
  expect(readFileSync(entry(), 'utf8')).toContain('"--data=/data/second" "--hidden"')
})

it('names the AppImage where it lies now, unless the desktop’s own settings switched it off', () => {
  on('linux')
  renewStartAtLogin()
  expect(existsSync(entry()), 'nobody asked for it').toBe(false)
  setStartAtLogin(true)
  vi.stubEnv('APPIMAGE', '/elsewhere/new.AppImage')
  renewStartAtLogin()
  expect(readFileSync(entry(), 'utf8')).toContain('Exec="/elsewhere/new.AppImage"')
  const off = '[Desktop Entry]\nExec="/old"\nHidden=true\n'
  writeFileSync(entry(), off)
  renewStartAtLogin()
  expect(readFileSync(entry(), 'utf8')).toBe(off)
})

it.each(['win32', 'darwin'] as const)('is the system’s own list on %s', (platform) => {
  on(platform)
  setStartAtLogin(true)
  expect(app.setLoginItemSettings).toHaveBeenCalledExactlyOnceWith({ openAtLogin: true, args: ['--hidden'] })
  expect(existsSync(entry())).toBe(false)
})

it('starts hidden by its argument, and on a Mac, which hands over none, at log-in', () => {
  on('linux')
  expect([isStartedHidden(['app']), isStartedHidden(['app', '--hidden'])]).toEqual([false, true])
  app.wasOpenedAtLogin = true
  expect(isStartedHidden(['app'])).toBe(false)
  on('darwin')
  expect(isStartedHidden(['app'])).toBe(true)
})
