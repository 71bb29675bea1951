import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { appError } from '#shared/errors/appError.ts'
import { err, type Result } from '#shared/result.ts'
import { probedSchema, type Probed } from './probe.ts'

const cacheSchema = z.record(z.string(), probedSchema)

/** Changes when the program does. Also the version of the answers' shape, so that an update asks again. */
async function keyOf(program: string): Promise<string> {
  const { mtimeMs, size } = await stat(program)
  return `2|${program}|${Math.round(mtimeMs)}|${size}`
}

export interface ProbeCache {
  /** The kept answer, or the one of `ask`, which is kept when it succeeds. */
  get(program: string, ask: () => Promise<Result<Probed>>): Promise<Result<Probed>>
}

/**
 * Keeps answers in one JSON file, keyed by path, time and size of the program. A file that cannot be read or written costs
 * only the asking: the cache is never the truth.
 */
export function createProbeCache(file: string): ProbeCache {
  let entries: Promise<Record<string, Probed>> | undefined
  const load = () =>
    (entries ??= readFile(file, 'utf8').then(
      (text) => parseCache(text),
      (): Record<string, Probed> => ({}),
    ))
  return {
    async get(program, ask) {
      const kept = await load()
      const key = await keyOf(program).catch(() => undefined)
      if (key === undefined) return err(appError('BLENDER_NOT_FOUND', { path: program, howTo: 'https://www.blender.org/download' }))
      const known = kept[key]
      if (known) return { ok: true, value: known }
      const answer = await ask()
      if (!answer.ok) return answer
      for (const other of Object.keys(kept)) if (other.startsWith(`2|${program}|`)) Reflect.deleteProperty(kept, other)
      kept[key] = answer.value
      await save(file, kept)
      return answer
    },
  }
}

function parseCache(text: string): Record<string, Probed> {
  try {
    return cacheSchema.parse(JSON.parse(text))
  } catch {
    // Damaged or of another version: everything is asked again.
    return {}
  }
}

async function save(file: string, entries: Record<string, Probed>): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(temporary, JSON.stringify(entries, null, 1))
    await rename(temporary, file)
  } catch {
    // A read-only or full disk: the next start asks again.
  }
}
