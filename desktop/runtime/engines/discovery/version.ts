import { compareVersions } from '#shared/rules/compareVersions.ts'

/** "3.4.1" → "3.4": scenes are compatible within it. */
const majorMinor = (version: string): string => version.split('.').slice(0, 2).join('.')

/**
 * The installed version to open a scene with: the smallest that is at least as new (major.minor) as the scene, so that it
 * looks as its maker saw it; of equal ones the newest patch. Undefined when every installed one is older.
 */
export function bestFor<T extends { version: string }>(sceneVersion: string, installed: readonly T[]): T | undefined {
  const fitting = installed.filter(({ version }) => compareVersions(majorMinor(version), majorMinor(sceneVersion)) >= 0)
  fitting.sort((a, b) => compareVersions(majorMinor(a.version), majorMinor(b.version)) || compareVersions(b.version, a.version))
  return fitting[0]
}
