import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Where Electron's binary is on disk, or null. Never by `require('electron')`: that downloads what is missing, and only
 * `pictor desktop install` may do so.
 */
export function findElectron(from: string): string | null {
  const folder = findElectronPackage(from)
  if (folder === null) return null
  try {
    const binary = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8').trim())
    return existsSync(binary) ? binary : null
  } catch {
    // No path.txt: the package is there and its binary was never downloaded.
    return null
  }
}

/** The folder of the package `electron`, at or above `from`. */
export function findElectronPackage(from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', 'electron')
    if (existsSync(join(candidate, 'package.json'))) return candidate
    if (dirname(folder) === folder) return null
  }
}

/** Is there a screen to open a window on? */
export function hasDisplay(environment: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): boolean {
  if (platform !== 'linux') return true
  return (environment['DISPLAY'] ?? '') !== '' || (environment['WAYLAND_DISPLAY'] ?? '') !== ''
}
