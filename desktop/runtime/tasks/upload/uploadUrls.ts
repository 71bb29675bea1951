import { readFile, rename, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Logger } from '#shared/log.ts'

/** Where uploads that were begun go on. Losing it costs bandwidth only, so it is written without waiting. */
export interface UploadUrls {
  get(key: string): string | undefined
  set(key: string, url: string): void
  delete(key: string): void
  /** Settles when everything is written. */
  flush(): Promise<void>
}

const schema = z.record(z.string(), z.string())
const limit = 10_000

export async function openUploadUrls(path: string, log: Logger): Promise<UploadUrls> {
  const urls = new Map<string, string>()
  try {
    const known = schema.safeParse(JSON.parse(await readFile(path, 'utf8')))
    for (const [key, url] of Object.entries(known.data ?? {})) urls.set(key, url)
  } catch {
    // None yet, or cut while it was written: uploads begin anew.
  }
  let writing: Promise<void> = Promise.resolve()
  let waiting = false
  const save = () => {
    if (waiting) return
    waiting = true
    writing = writing.then(async () => {
      waiting = false
      try {
        await writeFile(`${path}.new`, JSON.stringify(Object.fromEntries(urls)))
        await rename(`${path}.new`, path)
      } catch (error) {
        log.warn('the addresses of uploads could not be saved', { reason: error instanceof Error ? error.message : String(error) })
      }
    })
  }
  return {
    get: (key) => urls.get(key),
    set(key, url) {
      const oldest = urls.keys().next()
      if (urls.size >= limit && oldest.done !== true) urls.delete(oldest.value)
      urls.set(key, url)
      save()
    },
    delete(key) {
      if (urls.delete(key)) save()
    },
    flush: () => writing,
  }
}
