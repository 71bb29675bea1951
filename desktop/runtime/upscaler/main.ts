import { readFileSync, writeSync } from 'node:fs'
import { env } from 'onnxruntime-node'
import { upscalerConfigSchema } from './config.ts'
import { runUpscaler } from './runUpscaler.ts'

/** The upscaler's process: reads what to do from the file that it is given, does it, and ends. What it says is for engines/upscale. */
const config = upscalerConfigSchema.parse(JSON.parse(readFileSync(process.argv.at(-1) ?? '', 'utf8')))

await runUpscaler(config, env.versions.common, (event) => {
  // At once and whole: a process that is killed must have said what it saved.
  writeSync(1, `${config.prefix}${JSON.stringify(event)}\n`)
})
