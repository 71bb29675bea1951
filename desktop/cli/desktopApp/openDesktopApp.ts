import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import type { Terminal } from '../console/terminal.ts'
import type { CliContext } from '../context.ts'
import { findElectron, hasDisplay } from '../../launch/electronBinary.ts'

/**
 * Opens the desktop app where there is one and a display. The app then starts the gateway and the node itself.
 * False: there is none; the caller goes on with the browser.
 */
export function openDesktopApp(context: CliContext, dataFolder: string, terminal: Terminal): boolean {
  const electron = findElectron(context.outFolder)
  // Chromium's sandbox does not work for root, and without it the app does not start.
  if (electron === null || !hasDisplay(process.env, process.platform) || process.getuid?.() === 0) return false
  terminal.say(`desktop  ${electron}`)
  const child = spawn(electron, [dirname(context.outFolder), `--data=${dataFolder}`], { stdio: 'ignore', detached: true })
  child.on('error', (error) => terminal.say(`the desktop app could not be opened: ${error.message}`))
  child.unref()
  return true
}
