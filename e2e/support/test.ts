import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base } from '@playwright/test'
import { openComputer, type Computer } from './computer.ts'

export const test = base.extend<{ computer: Computer }>({
  computer: async ({}, use, testInfo) => {
    const root = mkdtempSync(join(tmpdir(), 'pictor-e2e-'))
    const computer = openComputer(root)
    await use(computer)
    await computer.close()
    // What the processes said, beside the screenshot and the trace.
    if (testInfo.status !== testInfo.expectedStatus)
      for (const path of globSync('*/logs/*.log', { cwd: root })) await testInfo.attach(path, { path: join(root, path) })
    rmSync(root, { recursive: true, force: true, maxRetries: 5 })
  },
})

export { expect } from '@playwright/test'
