import { join } from 'node:path'
import { findElectron, hasDisplay } from '../../desktop/launch/electronBinary.ts'
import { test as base } from '../support/test.ts'
import { launchOnChromiumHost } from './chromiumHostDriver.ts'
import type { DesktopApp, LaunchDesktop } from './driver.ts'
import { launchOnElectron } from './electronDriver.ts'

const root = new URL('../..', import.meta.url).pathname
export const outFolder = join(root, 'out')

/** The real shell where Electron's binary was downloaded and there is a screen, the Chromium host elsewhere. */
export const electron = hasDisplay(process.env, process.platform) ? findElectron(outFolder) : null
const launch = (options: LaunchDesktop) =>
  electron === null || options.onHost === true ? launchOnChromiumHost(options) : launchOnElectron(electron, options)

export const test = base.extend<{ desktop: (options: LaunchDesktop) => Promise<DesktopApp> }>({
  desktop: async ({}, use, testInfo) => {
    const started: DesktopApp[] = []
    await use(async (options) => {
      const app = await launch(options)
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
