import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

export type Encoding = 'br' | 'gzip'

/** What a build of the dashboard takes, several times over; a folder that is larger is sent as it is from there on. */
const mostBytes = 32 * 1024 * 1024
/** Smaller files gain nothing. */
const leastBytes = 1_024
const brotliQuality = 6

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)

/** Which of ours the client takes, the smaller one first; null: none. */
export function encodingFor(accepted: string | undefined): Encoding | null {
  const taken = (name: string): boolean =>
    (accepted ?? '').split(',').some((part) => {
      const [coding = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
      return coding === name && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
    })
  return taken('br') ? 'br' : taken('gzip') ? 'gzip' : null
}

/**
 * The dashboard's own files, compressed once each by the thread pool and kept in memory. Only for files that hold no secrets: answers of the
 * API are never compressed.
 */
export function createCompressedFiles() {
  const kept = new Map<string, Promise<Buffer | null>>()
  let keptBytes = 0

  async function compress(path: string, encoding: Encoding): Promise<Buffer | null> {
    const bytes = await readFile(path)
    const small =
      encoding === 'br'
        ? await brotli(bytes, {
            params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
          })
        : await zip(bytes)
    if (small.length >= bytes.length || keptBytes + small.length > mostBytes) return null
    keptBytes += small.length
    return small
  }

  /** @param tag names the file's version @returns null: it is to be sent as it is */
  return function compressed(file: { path: string; sizeBytes: number; tag: string }, encoding: Encoding): Promise<Buffer | null> {
    if (file.sizeBytes < leastBytes) return Promise.resolve(null)
    const key = `${encoding} ${file.tag} ${file.path}`
    let found = kept.get(key)
    if (found === undefined) {
      // A file that went away meanwhile is what the one who sends it finds out.
      found = compress(file.path, encoding).catch(() => null)
      kept.set(key, found)
    }
    return found
  }
}
