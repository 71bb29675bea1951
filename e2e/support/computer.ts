import { join } from 'node:path'
import type { CliOptions } from './cli.ts'
import { dropCouchDatabases } from './couchPrefix.ts'
import { start, type Started } from './started.ts'

/** A computer of a test: folders of its own, and whatever it starts is ended with the test. */
export interface Computer {
  /** A fresh folder. */
  folder(name: string): string
  startUp(data: string, args?: string[], options?: CliOptions): Promise<Started>
  startServer(data: string, args?: string[], options?: CliOptions): Promise<Started>
  startWorker(data: string, args: string[], options?: CliOptions): Promise<Started>
}

/** Everything of it lies below `root`. `close` ends what was started; the files stay. */
export function openComputer(root: string): Computer & { close(): Promise<void> } {
  const folders = new Set<string>()
  const started: Started[] = []
  const keep = async (command: 'up' | 'server' | 'worker', data: string, args: string[], options: CliOptions = {}) => {
    const one = await start(command, data, args, options)
    started.push(one)
    return one
  }
  return {
    folder(name) {
      const path = join(root, name)
      folders.add(path)
      return path
    },
    startUp: (data, args = [], options) => keep('up', data, ['--port', '0', '--no-open', ...args], options),
    startServer: (data, args = [], options) => keep('server', data, ['--port', '0', ...args], options),
    startWorker: (data, args, options) => keep('worker', data, args, options),
    async close() {
      for (const one of started) await one.cutPower()
      for (const data of folders) await dropCouchDatabases(data)
    },
  }
}
