import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { app } from 'electron'

/** The first argument of an app that is started by its own node to upscale pictures, and for nothing else. */
export const upscalerSwitch = 'pictor-upscaler'

/**
 * The app as the upscaler's process: no window, no second instance, no data folder. It runs the bundle that lies beside it with the configuration whose
 * path is the last argument, and ends; the most that somebody who starts it by hand gets is a picture enlarged.
 */
export async function runAsUpscaler(outFolder: string): Promise<void> {
  try {
    await import(pathToFileURL(join(outFolder, 'node', 'upscaler.js')).href)
    app.exit(0)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    app.exit(1)
  }
}
