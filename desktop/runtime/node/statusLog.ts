import type { NodeDocument } from '#shared/collections/node.schema.ts'
import { statusOf } from '#shared/rules/status.ts'
import type { StatusEntry } from '#shared/rules/statusEntry.ts'

/**
 * Keeps every change of this node's status, as the node itself sees it, in a series: it is shipped like a log, read by range and dropped by
 * age, and costs the documents nothing. Give it each new state of the node's document.
 */
export function createStatusLog(append: (line: string) => void): (document: NodeDocument) => void {
  let last = ''
  return (document) => {
    const { status, code, details } = statusOf({ node: document, presence: null, nowMs: document.updatedAt, seenFrom: 'node' })
    const key = `${status} ${code}`
    if (key === last) return
    last = key
    append(`${JSON.stringify({ at: document.updatedAt, status, code, details } satisfies StatusEntry)}\n`)
  }
}
