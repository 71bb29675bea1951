import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { app } from 'electron'
import { autostartEntry } from '../../launch/autostartEntry.ts'

const hiddenSwitch = '--hidden'
const entryName = 'pictor-worker.desktop'

/**
 * Has the app start with the person's session, without a window, or no longer. On Windows and a Mac the system keeps a list, which Electron knows; on Linux it
 * knows none, so there it is an entry in the desktop's autostart folder. Throws when that cannot be written.
 */
export function setStartAtLogin(wanted: boolean): void {
  if (process.platform !== 'linux') return app.setLoginItemSettings({ openAtLogin: wanted, args: argumentsAtLogin() })
  const path = entryPath()
  if (!wanted) return rmSync(path, { force: true })
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, ownEntry())
}

/** An AppImage that was updated or moved lies elsewhere now: an entry that is there and that the desktop's own settings did not switch off names this one. */
export function renewStartAtLogin(): void {
  if (process.platform !== 'linux' || !existsSync(entryPath())) return
  const entry = readFileSync(entryPath(), 'utf8')
  if (/^(Hidden=true|X-GNOME-Autostart-enabled=false)$/m.test(entry) || entry === ownEntry()) return
  writeFileSync(entryPath(), ownEntry())
}

/** Whether this start shall show no window. A Mac hands over no arguments at log-in, but tells that it was one. */
export const isStartedHidden = (argv: readonly string[]): boolean =>
  argv.includes(hiddenSwitch) || (process.platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin)

function argumentsAtLogin(): string[] {
  const data = app.commandLine.getSwitchValue('data')
  return [...(data === '' ? [] : [`--data=${data}`]), hiddenSwitch]
}

/** An AppImage runs from a place that is there only while it runs. */
function ownEntry(): string {
  const program = process.env['APPIMAGE'] ?? process.execPath
  const words = app.isPackaged ? [program] : [process.execPath, process.argv[1] ?? app.getAppPath()]
  return autostartEntry(app.getName(), [...words, ...argumentsAtLogin()], { Terminal: 'false' })
}

function entryPath(): string {
  const config = process.env['XDG_CONFIG_HOME']
  return join(config !== undefined && config.startsWith('/') ? config : join(homedir(), '.config'), 'autostart', entryName)
}
