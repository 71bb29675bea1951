export type Encoding = 'br' | 'gzip'

export interface StaticFile {
  path: string
  sizeBytes: number
  /** Names the file's version. */
  tag: string
}

/** What a build of the dashboard takes, several times over; a folder that is larger is sent as it is from there on. */
const mostBytes = 32 * 1024 * 1024
/** Smaller files gain nothing. */
const leastBytes = 1_024
const compressible = new Set(['.html', '.js', '.mjs', '.css', '.json', '.webmanifest', '.svg', '.map', '.txt'])

/** Whether a file of this name becomes smaller: pictures and fonts are compressed already. */
export const canCompress = (path: string): boolean => compressible.has(path.slice(path.lastIndexOf('.')).toLowerCase())

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
 * The dashboard's own files, compressed once each and kept in memory. Only for files that hold no secrets: answers of the API are never
 * compressed.
 * @param compress reads a file and makes it smaller
 */
export function createCompressedFiles<Bytes extends Uint8Array>(compress: (path: string, encoding: Encoding) => Promise<Bytes>) {
  const kept = new Map<string, Promise<Bytes | null>>()
  let keptBytes = 0

  async function make(file: StaticFile, encoding: Encoding): Promise<Bytes | null> {
    const small = await compress(file.path, encoding)
    if (small.length >= file.sizeBytes || keptBytes + small.length > mostBytes) return null
    keptBytes += small.length
    return small
  }

  /** @returns null: it is to be sent as it is */
  return async function compressed(file: StaticFile, accepted: string | undefined): Promise<{ encoding: Encoding; bytes: Bytes } | null> {
    const encoding = canCompress(file.path) && file.sizeBytes >= leastBytes ? encodingFor(accepted) : null
    if (encoding === null) return null
    const key = `${encoding} ${file.tag} ${file.path}`
    let found = kept.get(key)
    if (found === undefined) {
      // A file that went away meanwhile is what the one who sends it finds out.
      found = make(file, encoding).catch(() => null)
      kept.set(key, found)
    }
    const bytes = await found
    return bytes === null ? null : { encoding, bytes }
  }
}
