import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { FileReader } from 'tus-js-client'
import type { Transfers } from './transfers.ts'

/** Small enough that a slow line moves steadily, large enough to cost nothing. */
const chunkBytes = 32 * 1024

/** Reads a file for an upload no faster than may be sent, counting what is handed on. `onError`: the file cannot be read. */
export function pacedFile(
  path: string,
  size: number,
  transfers: Pick<Transfers, 'take'>,
  signal: AbortSignal,
  onError: (error: Error) => void,
): FileReader {
  return {
    openFile: () =>
      Promise.resolve({
        size,
        slice: (start, end) => {
          const last = Math.min(end, size)
          const value = sliceOf(path, start, last, transfers, signal)
          // Nobody else listens; an upload whose file cannot be read would wait for ever.
          value.on('error', (error) => (signal.aborted ? undefined : onError(error)))
          return Promise.resolve({ value, done: end >= size })
        },
        close: () => undefined,
      }),
  }
}

function sliceOf(path: string, start: number, end: number, transfers: Pick<Transfers, 'take'>, signal: AbortSignal): Readable {
  if (end <= start) return Readable.from([])
  const source = createReadStream(path, { start, end: end - 1, highWaterMark: chunkBytes })
  async function* paced(): AsyncGenerator<Buffer> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      await transfers.take('up', chunk.length, signal)
      yield chunk
    }
  }
  // One chunk ahead is enough, and what is not sent is not counted.
  const stream = Readable.from(paced(), { objectMode: false, highWaterMark: chunkBytes })
  stream.once('close', () => source.destroy())
  return Object.assign(stream, { size: end - start })
}
