import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base } from '@playwright/test'
import type { CliOptions } from './cli.ts'
import { start, type Started } from './started.ts'

/** A computer of a test: folders of its own, and whatever it starts is ended with the test. */
export interface Computer {
  /** A fresh folder. */
  folder(name: string): string
  startUp(data: string, args?: string[], options?: CliOptions): Promise<Started>
  startServer(data: string, args?: string[], options?: CliOptions): Promise<Started>
  startWorker(data: string, args: string[], options?: CliOptions): Promise<Started>
}

export const test = base.extend<{ computer: Computer }>({
  computer: async ({}, use) => {
    const root = mkdtempSync(join(tmpdir(), 'pictor-e2e-'))
    const started: Started[] = []
    const keep = async (promise: Promise<Started>) => {
      const one = await promise
      started.push(one)
      return one
    }
    await use({
      folder: (name) => join(root, name),
      startUp: (data, args = [], options) => keep(start('up', data, ['--port', '0', '--no-open', ...args], options)),
      startServer: (data, args = [], options) => keep(start('server', data, ['--port', '0', ...args], options)),
      startWorker: (data, args, options) => keep(start('worker', data, args, options)),
    })
    for (const one of started) await one.cutPower()
    rmSync(root, { recursive: true, force: true, maxRetries: 5 })
  },
})
export { expect } from '@playwright/test'
