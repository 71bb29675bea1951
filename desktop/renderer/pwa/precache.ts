/** What the build wrote into the service worker: all files of this version, below the folder the worker stands in. */
export interface Precache {
  version: string
  files: readonly string[]
}

const prefix = 'pictor-dashboard-'
export const cacheName = (version: string): string => `${prefix}${version}`

/**
 * Which of the page's requests the worker answers: its own files, and the page itself for its address. Everything else, calls, sync, pictures and
 * files, goes to the server as if there were no worker, and is never kept.
 * @param scope the folder the worker stands in, ending with a slash
 * @returns the file that answers, relative to the scope; null: none of ours
 */
export function answerFor(
  request: { method: string; url: string; mode: string },
  scope: string,
  files: ReadonlySet<string>,
): string | null {
  if (request.method !== 'GET' || !request.url.startsWith(scope)) return null
  const path = request.url.slice(scope.length).replace(/[?#].*$/s, '')
  if (request.mode === 'navigate') return path === '' || path === 'index.html' ? 'index.html' : null
  return files.has(path) ? path : null
}

/**
 * Caches that may go once `version` is in charge: all of ours but its own and the one before, from which pages that are still open load what
 * they have not loaded yet. @param names in the order in which they were made
 */
export function outdatedCaches(names: readonly string[], version: string): string[] {
  const older = names.filter((name) => name.startsWith(prefix) && name !== cacheName(version))
  return older.slice(0, -1)
}
