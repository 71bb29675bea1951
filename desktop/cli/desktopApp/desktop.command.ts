import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { Command } from 'commander'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { CliContext } from '../context.ts'
import { jsonOption } from '../options.ts'
import { findElectron, findElectronPackage } from '../../launch/electronBinary.ts'

/** `pictor desktop install`: the only thing that downloads Electron's binary. */
export function desktopCommand(context: CliContext): Command {
  const install = new Command('install')
    .description('download the desktop shell (Electron) from the internet; afterwards `up` opens a window instead of the browser')
    .addOption(jsonOption())
    .action((options: { json?: boolean }) =>
      context.run(options.json, async (terminal) => {
        const present = findElectron(context.outFolder)
        if (present !== null) {
          terminal.print(`The desktop shell is here already: ${present}`)
          return { value: { path: present, downloaded: false } }
        }
        const folder = findElectronPackage(context.outFolder)
        if (folder === null) throw failed('the package electron is not installed; run npm ci with its development packages')
        terminal.say('downloading the desktop shell …')
        await download(join(folder, 'install.js'))
        const path = findElectron(context.outFolder)
        if (path === null) throw failed('the download ended without a program')
        terminal.print(`Downloaded: ${path}`)
        return { value: { path, downloaded: true } }
      }),
    )
  return new Command('desktop').description('the desktop app').addCommand(install)
}

const failed = (reason: string) => new AppErrorException(appError('DOWNLOAD_FAILED', { name: 'Electron', reason }))

function download(script: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 2, 2] })
    child.on('error', (error) => reject(failed(error.message)))
    child.on('exit', (code) => (code === 0 ? resolve() : reject(failed(`exit code ${code}`))))
  })
}
