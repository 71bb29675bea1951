/**
 * Versions of programs and drivers, by their numbers, one after the other; missing ones count as 0: 520.6 equals 520.06, 6.1 is older than
 * 6.10, 535 is newer than 520.06. Negative when `left` is older. Our own releases have stricter rules: updates/version.ts.
 */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => (version.match(/\d+/g) ?? []).map(Number))
  for (let index = 0; index < Math.max(a?.length ?? 0, b?.length ?? 0); index++) {
    const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
