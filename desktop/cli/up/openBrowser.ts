import { spawn } from 'node:child_process'
import { findOnPath } from '../../../build/setup/debianPackages.ts'
import { hasDisplay } from '../../launch/electronBinary.ts'

/** Opens the address in the person's browser. False where there is none to open: then it is printed. */
export function openBrowser(url: string): boolean {
  const opener = openerOf(process.platform)
  if (opener === null || !hasDisplay(process.env, process.platform)) return false
  const child = spawn(opener.program, [...opener.args, url], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
  return true
}

function openerOf(platform: NodeJS.Platform): { program: string; args: string[] } | null {
  if (platform === 'darwin') return { program: 'open', args: [] }
  if (platform === 'win32') return { program: 'rundll32', args: ['url.dll,FileProtocolHandler'] }
  const program = findOnPath('xdg-open')
  return program === null ? null : { program, args: [] }
}
