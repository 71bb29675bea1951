import { backProjection } from './backProjection.ts'
import { readKerasModel, type KerasModel } from './kerasModel.ts'
import { onnxFile } from './onnxFile.ts'

/** Where a network comes from, and what it is after the conversion. */
export interface ModelSource {
  file: string
  /** As a node names it among its engines. */
  engine: string
  scale: 2 | 4
  package: string
  version: string
  /** Of the package's archive, as the registry has it. */
  integrity: string
  folder: string
  licence: string
  sha256: string
}

export const modelFolder = 'desktop/runtime/upscaler/models'

/** How often the picture is made to agree with its input; the third time is worth less than 0.1 dB. */
const agreements = 2

export const models: readonly ModelSource[] = [
  {
    file: 'upscale-2x.onnx',
    engine: 'ESRGAN_SLIM_2X',
    scale: 2,
    package: '@upscalerjs/esrgan-slim',
    version: '1.0.0',
    integrity: 'sha512-DXtwn5SE71+pZKluN/hGeLaZv6ZylyFQYSvMqU08kKCEA5Y9Q1cIIk4EvPTPZw8VqGi2C6F02c8OjhtId4BK2w==',
    folder: 'models/x2',
    licence: 'MIT, © 2022 Kevin Scott',
    sha256: 'c31cbbe21ee211d44bff1637391de3d6e0c08bdd4716ff6598cebe31d3d7ea76',
  },
  {
    file: 'upscale-4x.onnx',
    engine: 'ESRGAN_MEDIUM_4X',
    scale: 4,
    package: '@upscalerjs/esrgan-medium',
    version: '1.0.0',
    integrity: 'sha512-Z8JnR87sgetPABKevasXST3FdnXhaoTu9zpXnu3KLaHYpYStVt0FD1VZS9c6jhSGMBC0H929gN9RbWl+MeisKA==',
    folder: 'models/x4',
    licence: 'MIT, © 2022 Kevin Scott',
    sha256: '3663508087db3d844d8ecc1fcc70258e649b9f6ed878cc266c285a4ba1abfed2',
  },
]

/** The bytes of the ONNX file, the same every time. `read` gives a file of the package. */
export function convertModel(model: ModelSource, read: (path: string) => Buffer): Uint8Array {
  const keras = JSON.parse(read(`${model.folder}/model.json`).toString('utf8')) as KerasModel
  const weights = Buffer.concat(keras.weightsManifest.flatMap(({ paths }) => paths.map((path) => read(`${model.folder}/${path}`))))
  const network = readKerasModel(keras, weights)
  const agreeing = backProjection(network.input, network.output, model.scale, agreements)
  return onnxFile({
    name: model.engine,
    input: network.input,
    output: agreeing.output,
    nodes: [...network.nodes, ...agreeing.nodes],
    weights: [...network.weights, ...agreeing.weights],
    facts: {
      engine: model.engine,
      source: `${model.package}@${model.version}/${model.folder}`,
      integrity: model.integrity,
      licence: model.licence,
    },
  })
}
