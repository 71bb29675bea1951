import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { durations } from '#shared/durations.ts'
import type { Logger } from '#shared/log.ts'
import { upscaleEngines } from '#shared/rules/upscale.ts'
import type { EngineEvent, EngineSoftware } from '../engine.ts'
import type { Containment } from '../process/containment.ts'
import type { MemoryGuard } from '../process/memoryGuard.ts'
import { probedBackends } from './backends.ts'
import { upscaleOnce } from './upscaleOnce.ts'
import { createPauseGate } from '../blender/pauseGate.ts'
import type { UpscalerProgram } from './upscalerProgram.ts'

export interface ProbeOptions {
  program: UpscalerProgram
  /** Where answers are kept: every look starts a process for each backend. */
  cacheFile: string
  containment: Containment
  memory: MemoryGuard
  logger: Logger
  signal: AbortSignal
  nowMs: () => number
}

const keptSchema = z.object({ key: z.string(), atMs: z.number(), runtime: z.string(), devices: z.array(z.string()) })

/**
 * What the upscaler here can do, found by running each backend once; empty when not even the processor works. Kept for a week, and asked anew when
 * the program changes: a driver may come or go.
 */
export async function probeUpscaler(options: ProbeOptions): Promise<EngineSoftware[]> {
  const key = JSON.stringify([options.program.command, options.program.args, probedBackends()])
  const kept = await readKept(options.cacheFile)
  if (kept?.key === key && options.nowMs() - kept.atMs < durations.upscaleProbeKeptMs && kept.devices.length > 0) return describe(kept)
  const devices: string[] = []
  let runtime = ''
  for (const backend of probedBackends()) {
    const answer = await askOne(backend, options)
    if (answer === null) continue
    devices.push(backend)
    runtime = answer
  }
  if (options.signal.aborted) return []
  await mkdir(dirname(options.cacheFile), { recursive: true })
  const found = { key, atMs: options.nowMs(), runtime, devices }
  await writeFile(options.cacheFile, JSON.stringify(found)).catch(() => undefined)
  return describe(found)
}

/** The version of what runs the network, when this backend does. */
async function askOne(backend: ReturnType<typeof probedBackends>[number], options: ProbeOptions): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'pictor-upscaler-'))
  let version: string | null = null
  const push = (event: EngineEvent) => {
    if (event.type === 'started') version = event.engine.replace(/^onnxruntime /, '')
  }
  try {
    const device = backend === 'CPU' ? ({ kind: 'cpu' } as const) : ({ kind: 'gpu' } as const)
    const outcome = await upscaleOnce({
      task: {
        ...{ id: 'probe', scenePath: '', frames: [], images: [], settings: {}, device, silenceMs: durations.upscaleProbeMs },
        ...{ outputFolder: join(folder, 'out'), workFolder: join(folder, 'work') },
      },
      ...{ scale: 2, backends: [backend], program: options.program, containment: options.containment, memory: options.memory, push },
      ...{ gate: createPauseGate(), signal: options.signal },
    })
    if (version === null && outcome.kind === 'failed')
      options.logger.info('the upscaler has no such backend here', { backend, reason: outcome.error.message })
    return version
  } catch (error) {
    options.logger.warn('the upscaler does not start', { backend, reason: String(error) })
    return null
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const describe = ({ runtime, devices }: { runtime: string; devices: string[] }): EngineSoftware[] =>
  devices.length === 0
    ? []
    : [{ kind: 'upscale', version: runtime, path: '', engines: Object.values(upscaleEngines), devices, denoisers: [] }]

async function readKept(file: string) {
  try {
    const parsed = keptSchema.safeParse(JSON.parse(await readFile(file, 'utf8')))
    return parsed.success ? parsed.data : null
  } catch {
    // Never asked, or cut off while written: ask.
    return null
  }
}
