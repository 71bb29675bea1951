import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { upscaleEngines } from '#shared/rules/upscale.ts'
import { root } from '../buildParts.ts'
import { backProjection } from './backProjection.ts'
import { readKerasModel, type KerasModel } from './kerasModel.ts'
import { modelFolder, models } from './models.ts'
import { onnxFile } from './onnxFile.ts'

it('the networks are the ones that were made, and what a node calls them', () => {
  for (const { file, sha256, engine, scale } of models) {
    const bytes = readFileSync(join(root, modelFolder, file))
    expect(createHash('sha256').update(bytes).digest('hex'), file).toBe(sha256)
    expect(upscaleEngines[scale]).toBe(engine)
    expect(bytes.includes(engine)).toBe(true)
  }
  expect(readFileSync(join(root, modelFolder, 'LICENSE'), 'utf8')).toContain('Kevin Scott')
})

describe('the conversion', () => {
  /** One convolution that swaps red and blue, and doubles by nearest neighbour. */
  const layer = (class_name: string, config: object, from: string) => ({ class_name, config, inbound_nodes: [[[from, 0, 0, {}]]] })
  const plain = {
    strides: [1, 1],
    dilation_rate: [1, 1],
    groups: 1,
    activation: 'linear',
    use_bias: true,
    padding: 'same',
    kernel_size: [1, 1],
  }
  const model = {
    modelTopology: {
      model_config: {
        config: {
          layers: [
            { class_name: 'InputLayer', config: { name: 'LR' }, inbound_nodes: [] },
            layer('Conv2D', { name: 'swap', ...plain }, 'LR'),
            layer('UpSampling2D', { name: 'SR', size: [2, 2], interpolation: 'nearest' }, 'swap'),
          ],
          output_layers: [['SR', 0, 0]],
        },
      },
    },
    weightsManifest: [
      {
        paths: ['w.bin'],
        weights: [
          { name: 'swap/kernel', shape: [1, 1, 3, 3], dtype: 'float32' },
          { name: 'swap/bias', shape: [3], dtype: 'float32' },
        ],
      },
    ],
  } as unknown as KerasModel
  const weights = new Uint8Array(Float32Array.from([0, 0, 1, 0, 1, 0, 1, 0, 0, 5, 0, 0]).buffer)

  it('gives an ONNX file that computes the same', async () => {
    const graph = readKerasModel(model, weights)
    const session = await InferenceSession.create(onnxFile({ ...graph, name: 'small', facts: {} }))
    const planes = Float32Array.from([10, 11, 20, 21, 30, 31])
    const answer = await session.run({ LR: new Tensor('float32', planes, [1, 3, 1, 2]) })
    expect(answer['SR']?.dims).toEqual([1, 3, 2, 4])
    expect([...(answer['SR']?.data as Float32Array)].slice(0, 8)).toEqual([35, 35, 36, 36, 35, 35, 36, 36])
    expect([...(answer['SR']?.data as Float32Array)].slice(16)).toEqual([10, 10, 11, 11, 10, 10, 11, 11])
  })

  it('makes the picture agree with what it was made from', async () => {
    const network = readKerasModel(model, weights)
    const agreeing = backProjection('LR', 'SR', 2, 2)
    const session = await InferenceSession.create(
      onnxFile({
        ...{ ...network, name: 'agreeing', facts: {}, output: agreeing.output },
        ...{ nodes: [...network.nodes, ...agreeing.nodes], weights: [...network.weights, ...agreeing.weights] },
      }),
    )
    // Red and blue swapped is far from the input; what agrees has them where they were.
    const side = 24
    const planes = Float32Array.from({ length: 3 * side * side }, (_, index) => [200, 100, 20][Math.floor(index / (side * side))] ?? 0)
    const answer = await session.run({ LR: new Tensor('float32', planes, [1, 3, side, side]) })
    const large = answer[agreeing.output]?.data as Float32Array
    const middle = (2 * side) ** 2 / 2 + side
    expect([0, 1, 2].map((plane) => Math.round(large[plane * (2 * side) ** 2 + middle] ?? 0))).toEqual([200, 100, 20])
  })

  it('never converts by half: whatever it does not know is an error', () => {
    const layers = model.modelTopology.model_config.config.layers
    const changed = (change: object) => {
      const copy = structuredClone(model)
      Object.assign(copy.modelTopology.model_config.config.layers[1]?.config ?? {}, change)
      return copy
    }
    expect(layers).toHaveLength(3)
    expect(() => readKerasModel(changed({ strides: [2, 2] }), weights)).toThrow('swap')
    expect(() => readKerasModel(changed({ activation: 'tanh' }), weights)).toThrow('swap')
    expect(() => readKerasModel(model, weights.subarray(4))).toThrow()
  })
})
