import { readFile } from 'node:fs/promises'
import { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node'
import type { Backend } from './config.ts'

/** A super-resolution network that is ready to run, with the name of what runs it. */
export interface Network {
  backend: Backend
  /** Planar RGB in 0…255 of `width` × `height`; answers with the same of `scale` times that size, not yet rounded. */
  run(planes: Float32Array, width: number, height: number): Promise<Float32Array>
}

const providers: Record<Backend, string> = { WEBGPU: 'webgpu', DIRECTML: 'dml', CPU: 'cpu' }

const files: Record<2 | 4, URL> = {
  2: new URL('./models/upscale-2x.onnx', import.meta.url),
  4: new URL('./models/upscale-4x.onnx', import.meta.url),
}

/**
 * Opens the network on the first of `backends` that takes it and really runs it; what the others said goes to `onRefused`. The weights are the
 * same on all of them. Rejects with the last one's error.
 */
export async function openNetwork(
  scale: 2 | 4,
  backends: readonly Backend[],
  threads: number | undefined,
  onRefused: (backend: Backend, reason: string) => void,
): Promise<Network> {
  const model = await readFile(files[scale])
  const bundled = new Set(listSupportedBackends().map(({ name }) => name))
  let last: unknown = new Error('no backend was asked for')
  for (const backend of backends) {
    try {
      if (!bundled.has(providers[backend])) throw new Error(`${backend} is not part of this build`)
      const session = await InferenceSession.create(model, {
        executionProviders: [providers[backend]],
        logSeverityLevel: 4,
        ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
        // Tiles differ in size at the edges; patterns of memory for each would only pile up.
        enableMemPattern: false,
      })
      const network: Network = { backend, run: (planes, width, height) => infer(session, planes, width, height) }
      await network.run(new Float32Array(3 * 16 * 16).fill(128), 16, 16)
      return network
    } catch (error) {
      last = error
      onRefused(backend, firstLine(error))
    }
  }
  throw last
}

async function infer(session: InferenceSession, planes: Float32Array, width: number, height: number): Promise<Float32Array> {
  const [input = '', output = ''] = [session.inputNames[0], session.outputNames[0]]
  const answers = await session.run({ [input]: new Tensor('float32', planes, [1, 3, height, width]) })
  const data = answers[output]?.data
  if (!(data instanceof Float32Array)) throw new Error('the network answered with something else than a picture')
  return data
}

export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 300) ?? ''
