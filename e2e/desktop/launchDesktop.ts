import { join } from 'node:path'
import { findElectron, hasDisplay } from '../../desktop/launch/electronBinary.ts'
import { launchOnChromiumHost } from './chromiumHostDriver.ts'
import type { DesktopApp, LaunchDesktop } from './driver.ts'
import { launchOnElectron, type ElectronTarget } from './electronDriver.ts'

const outFolder = join(import.meta.dirname, '../../out')

/** An app packed for tests, by `PICTOR_DESKTOP_APP`; else Electron's binary where it was downloaded and there is a screen; else none. */
function findTarget(): ElectronTarget | null {
  const packed = process.env['PICTOR_DESKTOP_APP']
  if (packed !== undefined && packed !== '') return { kind: 'packed', executable: packed }
  const binary = hasDisplay(process.env, process.platform) ? findElectron(outFolder) : null
  return binary === null ? null : { kind: 'built', binary }
}

/** Which driver runs here, in words. */
export function driverName(): string {
  const target = findTarget()
  return target === null ? 'Chromium host' : `Electron, ${target.kind} app`
}

/** The app on the real Electron where there is one, on the Chromium host elsewhere. */
export function launchDesktop(options: LaunchDesktop): Promise<DesktopApp> {
  const target = findTarget()
  return target === null || options.onHost === true ? launchOnChromiumHost(options) : launchOnElectron(target, options)
}
