import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { durations } from '#shared/durations.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'

export interface Display {
  /** e.g. ":99" */
  name: string
  stop(): Promise<void>
}

/**
 * Starts an X server of our own without a screen, which EEVEE and Workbench of many Blenders need. It picks a free number itself.
 * Its screen lies in `folder`, a run's scratch: by that name an orphan is found after a crash of ours.
 * Error: DISPLAY_MISSING {howTo} when Xvfb is not installed or does not come up.
 */
export async function startDisplay(folder: string): Promise<Result<Display>> {
  await mkdir(folder, { recursive: true })
  const args = ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp', '-noreset', '-fbdir', folder]
  const child = spawn('Xvfb', args, {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '' },
    detached: true,
  })
  const exited = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  })
  const number = await new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), durations.connectTimeoutMs)
    let text = ''
    child.stdio[3]?.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (text.includes('\n')) resolve(text.trim())
    })
    void exited.then(() => resolve(undefined))
    exited.finally(() => clearTimeout(timer)).catch(() => undefined)
  })
  const stop = async () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), durations.killGraceMs)
      await exited
      clearTimeout(timer)
    }
  }
  if (number === undefined || !/^\d+$/.test(number)) {
    await stop()
    return err(appError('DISPLAY_MISSING', { howTo: 'apt install xvfb' }))
  }
  return ok({ name: `:${number}`, stop })
}
