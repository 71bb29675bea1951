import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Encoding } from '#shared/http/compressedFiles.ts'

const brotliQuality = 6
const brotli = promisify(brotliCompress)
const zip = promisify(gzip)

/** A file made smaller, by the thread pool. */
export async function compressFile(path: string, encoding: Encoding): Promise<Buffer> {
  const bytes = await readFile(path)
  if (encoding === 'gzip') return zip(bytes)
  return brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } })
}
