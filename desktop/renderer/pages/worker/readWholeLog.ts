import { limits } from '#shared/sync/protocol.ts'
import type { DataLink } from '../../data/dataLink.ts'
import { err, ok, type Result } from '#shared/result.ts'

/** More than this is no log that a person reads; the end of it is taken. */
const mostBytes = 64 * 1024 * 1024

/** A task's whole log, read in parts. */
export async function readWholeLog(data: Pick<DataLink, 'seriesRead'>, taskId: string): Promise<Result<string>> {
  const parts: string[] = []
  let from = 0
  for (;;) {
    const reply = await data.seriesRead(`log/${taskId}`, from, limits.seriesChunkBytes)
    if (!reply.ok) return err(reply.error)
    const { text, size, from: begin } = reply.value
    if (from === 0 && size > mostBytes) {
      from = size - mostBytes
      continue
    }
    // A part begins at the beginning of a line, which may lie before what was asked for.
    const bytes = new TextEncoder().encode(text)
    const end = begin + bytes.length
    if (end > from) parts.push(new TextDecoder().decode(bytes.subarray(Math.max(0, from - begin))))
    if (text === '' || end >= size || end <= from) return ok(parts.join(''))
    from = end
  }
}
