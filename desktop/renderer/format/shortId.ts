/** Shortens an id or hash in the middle: `job-3k9q…7z2v`. Short ones stay whole. */
export function shortId(id: string, head = 8, tail = 4): string {
  return id.length <= head + tail + 1 ? id : `${id.slice(0, head)}…${id.slice(-tail)}`
}
