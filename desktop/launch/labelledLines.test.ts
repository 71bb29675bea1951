import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { labelledLines } from './labelledLines.ts'

it('says of each line which process wrote it, also where a chunk ends within one', async () => {
  const printed = ['{"level":30,"msg":"up', '"}\n\nTypeError: x\n  at y', '\n{ broken']
  const lines = await text(Readable.from(printed).pipe(labelledLines('runtime', () => 42)))
  expect(
    lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { process: 'runtime', pid: 42, level: 30, msg: 'up' },
    { process: 'runtime', pid: 42, msg: 'TypeError: x' },
    { process: 'runtime', pid: 42, msg: '  at y' },
    { process: 'runtime', pid: 42, msg: '{ broken' },
  ])
})
