import { EventEmitter } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from '../../../desktop/launch/isAlive.ts'
import { waitFor } from '../../support/waitFor.ts'
import { closeChromium, debugAddress, openChromium } from './chromium.ts'
import { seen } from './desktopParts.ts'
import { appMetrics } from './metrics.ts'

/** What the test that started this host set for it. */
export const setting = (name: string): string | undefined => process.env[`PICTOR_HOST_${name}`]

Object.assign(process, { resourcesPath: setting('RESOURCES') ?? tmpdir() })

class HostApp extends EventEmitter {
  readonly isPackaged = setting('PACKAGED') === '1'
  #paths = new Map<string, string>([['userData', join(tmpdir(), `pictor-host-${process.pid}`)]])
  #quitting = false
  /** Not before the app's first file has run, as in Electron. */
  readonly #ready = new Promise<void>((resolve) => void setImmediate(resolve)).then(() => this.#tellDebugger())
  #about: object = {}
  readonly commandLine = {
    getSwitchValue: (name: string) => process.argv.find((text) => text.startsWith(`--${name}=`))?.slice(name.length + 3) ?? '',
  }

  enableSandbox(): void {}
  whenReady = (): Promise<void> => this.#ready
  getVersion = (): string => setting('VERSION') ?? '1.0.0'
  getName = (): string => 'Pictor Worker'
  getAppPath = (): string => process.cwd()
  getPath = (name: string): string => this.#paths.get(name) ?? join(this.#paths.get('userData') ?? '', name)
  setPath(name: string, path: string): void {
    mkdirSync(path, { recursive: true })
    this.#paths.set(name, path)
  }
  setAsDefaultProtocolClient = (): boolean => true
  getPreferredSystemLanguages = (): string[] => (setting('LANGUAGES') ?? 'en-US').split(',')
  setAppUserModelId(): void {}
  getAppMetrics = appMetrics
  setAboutPanelOptions(options: object): void {
    this.#about = options
  }
  showAboutPanel(): void {
    seen.aboutPanels.push(this.#about)
  }
  /** As in Electron on Linux. */
  setLoginItemSettings(): void {}

  getLoginItemSettings = (): { wasOpenedAtLogin: boolean } => ({ wasOpenedAtLogin: false })

  /** One instance per user data folder; a second one leaves its arguments there. */
  requestSingleInstanceLock(): boolean {
    const folder = this.getPath('userData')
    mkdirSync(folder, { recursive: true })
    const path = join(folder, 'host.lock')
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' })
    } catch {
      const owner = Number(readFileSync(path, 'utf8'))
      if (isAlive(owner)) {
        writeFileSync(join(folder, `second-${process.pid}.json`), JSON.stringify(process.argv))
        return false
      }
      writeFileSync(path, String(process.pid))
    }
    watch(folder, () => this.#takeSeconds(folder)).unref()
    this.on('quit', () => rmSync(path, { force: true }))
    return true
  }
  #takeSeconds(folder: string): void {
    for (const name of readdirSync(folder).filter((each) => /^second-\d+\.json$/.test(each))) {
      let argv: string[]
      try {
        argv = JSON.parse(readFileSync(join(folder, name), 'utf8')) as string[]
      } catch {
        // Just being written: the watch tells again.
        continue
      }
      rmSync(join(folder, name), { force: true })
      this.emit('second-instance', {}, argv, process.cwd())
    }
  }

  /** As Electron says where it listens, if it is started with `--remote-debugging-port`. */
  async #tellDebugger(): Promise<void> {
    if (!process.argv.some((text) => text.startsWith('--remote-debugging-port='))) return
    const folder = join(this.getPath('userData'), 'chromium')
    await openChromium(folder)
    // Chromium may be up before it has written where.
    const { webSocket } = await waitFor('the port of Chromium', () => debugAddress(folder))
    process.stderr.write(`\nDevTools listening on ${webSocket}\n`)
  }

  quit(): void {
    if (this.#quitting) return
    let prevented = false
    this.emit('before-quit', { preventDefault: () => (prevented = true) })
    if (prevented) return
    this.#quitting = true
    this.emit('will-quit', { preventDefault: () => undefined })
    this.exit(0)
  }
  exit(code = 0): void {
    this.emit('quit', {}, code)
    void closeChromium().finally(() => process.exit(code))
  }
  relaunch(): void {
    this.emit('host-relaunch')
  }
}

export const hostApp = new HostApp()
