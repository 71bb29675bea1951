import { join } from 'node:path'
import { findElectron, hasDisplay } from '../../desktop/launch/electronBinary.ts'
import { test as base } from '../support/test.ts'
import { launchOnChromiumHost } from './chromiumHostDriver.ts'
import type { DesktopApp, LaunchDesktop } from './driver.ts'
import { launchOnElectron, type ElectronTarget } from './electronDriver.ts'

const root = new URL('../..', import.meta.url).pathname
export const outFolder = join(root, 'out')

/** An app packed for tests, by `PICTOR_DESKTOP_APP`; else Electron's binary where it was downloaded and there is a screen; else none. */
function findTarget(): ElectronTarget | null {
  const packed = process.env['PICTOR_DESKTOP_APP']
  if (packed !== undefined && packed !== '') return { kind: 'packed', executable: packed }
  const binary = hasDisplay(process.env, process.platform) ? findElectron(outFolder) : null
  return binary === null ? null : { kind: 'built', binary }
}
const target = findTarget()
/** Which driver runs here, in words. */
export const driverName = target === null ? 'chromium host' : `electron (${target.kind})`

/** The app on the real Electron where there is one, on the Chromium host elsewhere. */
export const launchDesktop = (options: LaunchDesktop): Promise<DesktopApp> =>
  target === null || options.onHost === true ? launchOnChromiumHost(options) : launchOnElectron(target, options)

export const test = base.extend<{ desktop: (options: LaunchDesktop) => Promise<DesktopApp> }>({
  desktop: async ({}, use, testInfo) => {
    const started: DesktopApp[] = []
    await use(async (options) => {
      const app = await launchDesktop(options)
      started.push(app)
      return app
    })
    for (const app of started) {
      await app.kill()
      if (testInfo.status !== testInfo.expectedStatus) await testInfo.attach(`app-${app.pid}.txt`, { body: app.output() })
    }
  },
})
export { expect } from '@playwright/test'
