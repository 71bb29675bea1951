import { isAbsolute, join, normalize, relative, sep } from 'node:path'

/**
 * The file of the built dashboard that a path of the page names; null for whatever would lie outside of it. Paths of pages (no dot in the
 * last part) get the application itself.
 */
export function containedFile(root: string, pathname: string): string | null {
  let decoded: string
  try {
    decoded = decodeURIComponent(pathname)
  } catch {
    // Not valid escapes.
    return null
  }
  if (decoded.includes('\0') || decoded.includes('\\') || !decoded.startsWith('/') || decoded.split('/').includes('..')) return null
  // On Windows `c:` would begin a path of its own, and `name:stream` another part of a file.
  if (decoded.includes(':')) return null
  const isPage = !decoded.slice(decoded.lastIndexOf('/')).includes('.')
  const path = normalize(join(root, isPage ? 'index.html' : decoded))
  const inside = relative(root, path)
  return inside === '' || inside.startsWith(`..${sep}`) || inside === '..' || isAbsolute(inside) ? null : path
}
