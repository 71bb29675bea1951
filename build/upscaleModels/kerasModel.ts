import type { OnnxNode, OnnxWeights } from './onnxFile.ts'

/** What of a TensorFlow.js layers model (model.json) is read. */
export interface KerasModel {
  modelTopology: { model_config: { config: { layers: KerasLayer[]; output_layers: [string, number, number][] } } }
  weightsManifest: { paths: string[]; weights: { name: string; shape: number[]; dtype: string }[] }[]
}

interface KerasLayer {
  class_name: string
  config: {
    name: string
    kernel_size?: [number, number]
    strides?: [number, number]
    dilation_rate?: [number, number]
    groups?: number
    padding?: string
    activation?: string
    use_bias?: boolean
    size?: [number, number]
    interpolation?: string
    axis?: number
  }
  inbound_nodes: [string, number, number, object][][]
}

/**
 * The same network in ONNX's words: channels first, kernels as [out, in, height, width]. Throws on whatever it does not know, so that a
 * model is never converted by half.
 */
export function readKerasModel(
  model: KerasModel,
  bytes: Uint8Array,
): { input: string; output: string; nodes: OnnxNode[]; weights: OnnxWeights[] } {
  const { layers, output_layers: outputs } = model.modelTopology.model_config.config
  const stored = readWeights(model, bytes)
  const input = layers.find(({ class_name: kind }) => kind === 'InputLayer')?.config.name
  const output = outputs[0]?.[0]
  if (input === undefined || output === undefined || outputs.length !== 1) throw new Error('the model has not one input and one output')
  const nodes: OnnxNode[] = []
  const weights: OnnxWeights[] = []
  for (const layer of layers) {
    if (layer.class_name === 'InputLayer') continue
    const { node, made } = convertLayer(layer, stored)
    nodes.push(node)
    weights.push(...made)
  }
  return { input, output, nodes, weights }
}

function readWeights({ weightsManifest }: KerasModel, bytes: Uint8Array): Map<string, OnnxWeights> {
  const found = new Map<string, OnnxWeights>()
  let at = 0
  for (const { name, shape, dtype } of weightsManifest.flatMap(({ weights }) => weights)) {
    if (dtype !== 'float32') throw new Error(`${name} is ${dtype}`)
    const count = shape.reduce((product, size) => product * size, 1)
    const values = new Float32Array(count)
    new Uint8Array(values.buffer).set(bytes.subarray(at, at + count * 4))
    found.set(name, { name, shape, values })
    at += count * 4
  }
  if (at !== bytes.length) throw new Error(`the weights take ${at} bytes, the file has ${bytes.length}`)
  return found
}

function convertLayer(layer: KerasLayer, stored: ReadonlyMap<string, OnnxWeights>): { node: OnnxNode; made: OnnxWeights[] } {
  const { config } = layer
  const inputs = layer.inbound_nodes.flatMap((one) => one.map(([name]) => name))
  const base = { name: config.name, inputs, output: config.name }
  switch (layer.class_name) {
    case 'Conv2D':
      return convolution(layer, inputs, stored)
    case 'Activation':
      expect(config.activation === 'relu', layer)
      return { node: { ...base, operator: 'Relu' }, made: [] }
    case 'Concatenate':
      expect(config.axis === 3, layer)
      return { node: { ...base, operator: 'Concat', whole: { axis: 1 } }, made: [] }
    case 'Add':
      expect(inputs.length === 2, layer)
      return { node: { ...base, operator: 'Add' }, made: [] }
    case 'UpSampling2D': {
      expect(config.interpolation === 'nearest' && config.size !== undefined && config.size[0] === config.size[1], layer)
      const scales = { name: `${config.name}/scales`, shape: [4], values: Float32Array.from([1, 1, ...(config.size ?? [])]) }
      const text = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }
      return { node: { ...base, operator: 'Resize', inputs: [...inputs, '', scales.name], text }, made: [scales] }
    }
    default:
      throw new Error(`a layer of kind ${layer.class_name} is not known`)
  }
}

function convolution(
  layer: KerasLayer,
  inputs: string[],
  stored: ReadonlyMap<string, OnnxWeights>,
): { node: OnnxNode; made: OnnxWeights[] } {
  const { name, kernel_size: size, strides, dilation_rate: dilation, groups, padding, activation, use_bias: hasBias } = layer.config
  const plain = [strides, dilation].every((pair) => pair?.every((one) => one === 1)) && groups === 1 && activation === 'linear'
  const kernel = stored.get(`${name}/kernel`)
  const bias = stored.get(`${name}/bias`)
  if (!plain || hasBias !== true || size === undefined || kernel === undefined || bias === undefined) throw unknown(layer)
  const around = padding === 'same' ? size.map((pixels) => (pixels - 1) / 2) : [0, 0]
  expect(around.every(Number.isInteger) && (padding === 'same' || size.every((pixels) => pixels === 1)), layer)
  const node: OnnxNode = {
    operator: 'Conv',
    name,
    inputs: [...inputs, kernel.name, bias.name],
    output: name,
    wholes: { kernel_shape: size, pads: [...around, ...around], strides: [1, 1] },
  }
  return { node, made: [channelsFirst(kernel), bias] }
}

/** [height, width, in, out] → [out, in, height, width] */
function channelsFirst({ name, shape, values }: OnnxWeights): OnnxWeights {
  const [height = 0, width = 0, inputs = 0, outputs = 0] = shape
  const turned = new Float32Array(values.length)
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      for (let from = 0; from < inputs; from += 1)
        for (let to = 0; to < outputs; to += 1)
          turned[((to * inputs + from) * height + y) * width + x] = values[((y * width + x) * inputs + from) * outputs + to] ?? 0
  return { name, shape: [outputs, inputs, height, width], values: turned }
}

function expect(condition: boolean, layer: KerasLayer): void {
  if (!condition) throw unknown(layer)
}
const unknown = ({ config }: KerasLayer) => new Error(`the layer ${config.name} is of a kind that is not known: ${JSON.stringify(config)}`)
