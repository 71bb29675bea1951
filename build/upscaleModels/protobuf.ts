/** One field of a protobuf message, encoded. Only what an ONNX file needs: https://protobuf.dev/programming-guides/encoding/ */
export type Field = Uint8Array

const utf8 = new TextEncoder()

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
  return bytes
}

/** A whole number ≥ 0 (int32, int64, enum). */
export const wholeField = (field: number, value: number): Field => Uint8Array.from([...varint(field * 8), ...varint(value)])

export function bytesField(field: number, value: Uint8Array): Field {
  const head = [...varint(field * 8 + 2), ...varint(value.length)]
  const bytes = new Uint8Array(head.length + value.length)
  bytes.set(head)
  bytes.set(value, head.length)
  return bytes
}

export const textField = (field: number, value: string): Field => bytesField(field, utf8.encode(value))

/** A message inside a message. */
export const messageField = (field: number, fields: readonly Field[]): Field => bytesField(field, message(fields))

export function message(fields: readonly Field[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const field of fields) {
    bytes.set(field, at)
    at += field.length
  }
  return bytes
}
