import { test as base } from '../support/test.ts'
import type { DesktopApp, LaunchDesktop } from './driver.ts'
import { launchDesktop } from './launchDesktop.ts'

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
