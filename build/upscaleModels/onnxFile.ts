import { bytesField, message, messageField, textField, wholeField, type Field } from './protobuf.ts'

/** A step of the network: an ONNX operator with the names of what it reads and makes. */
export interface OnnxNode {
  operator: string
  name: string
  inputs: readonly string[]
  output: string
  whole?: Record<string, number>
  wholes?: Record<string, readonly number[]>
  text?: Record<string, string>
}

export interface OnnxWeights {
  name: string
  shape: readonly number[]
  values: Float32Array
}

export interface OnnxGraph {
  name: string
  /** `[1, 3, height, width]`, float32, of any size. */
  input: string
  output: string
  nodes: readonly OnnxNode[]
  weights: readonly OnnxWeights[]
  facts: Record<string, string>
}

const float32 = 1
const attributeTypes = { whole: 2, text: 3, wholes: 7 } as const
const irVersion = 8
const operatorSet = 13

/** The bytes of an ONNX file. Field numbers are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). */
export function onnxFile(graph: OnnxGraph): Uint8Array {
  return message([
    wholeField(1, irVersion),
    textField(2, 'pictor-worker'),
    messageField(7, [
      ...graph.nodes.map((node) => messageField(1, nodeFields(node))),
      textField(2, graph.name),
      ...graph.weights.map((weights) => messageField(5, weightFields(weights))),
      messageField(11, pictureFields(graph.input)),
      messageField(12, pictureFields(graph.output)),
    ]),
    messageField(8, [textField(1, ''), wholeField(2, operatorSet)]),
    ...Object.entries(graph.facts).map(([key, value]) => messageField(14, [textField(1, key), textField(2, value)])),
  ])
}

function nodeFields({ operator, name, inputs, output, whole = {}, wholes = {}, text = {} }: OnnxNode): Field[] {
  const attribute = (key: string, type: number, value: Field[]) => messageField(5, [textField(1, key), ...value, wholeField(20, type)])
  return [
    ...inputs.map((input) => textField(1, input)),
    textField(2, output),
    textField(3, name),
    textField(4, operator),
    ...Object.entries(whole).map(([key, value]) => attribute(key, attributeTypes.whole, [wholeField(3, value)])),
    ...Object.entries(text).map(([key, value]) => attribute(key, attributeTypes.text, [textField(4, value)])),
    ...Object.entries(wholes).map(([key, values]) =>
      attribute(
        key,
        attributeTypes.wholes,
        values.map((value) => wholeField(8, value)),
      ),
    ),
  ]
}

const weightFields = ({ name, shape, values }: OnnxWeights): Field[] => [
  ...shape.map((size) => wholeField(1, size)),
  wholeField(2, float32),
  textField(8, name),
  // Little-endian, as the file says it must be; so is every machine that this runs on.
  bytesField(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
]

const pictureFields = (name: string): Field[] => [
  textField(1, name),
  messageField(2, [
    messageField(1, [
      wholeField(1, float32),
      messageField(2, [
        messageField(1, [wholeField(1, 1)]),
        messageField(1, [wholeField(1, 3)]),
        messageField(1, [textField(2, `${name}_height`)]),
        messageField(1, [textField(2, `${name}_width`)]),
      ]),
    ]),
  ]),
]
