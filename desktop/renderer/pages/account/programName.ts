const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bElectron\//, 'Pictor Worker'],
  [/\bEdg(?:A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/\S+ (?:Mobile\/\S+ )?Safari\//, 'Safari'],
]
const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone|iPad/, 'iOS'],
  [/\bAndroid/, 'Android'],
  [/\bWindows/, 'Windows'],
  [/\bMac OS X/, 'macOS'],
  [/\bCrOS/, 'ChromeOS'],
  [/\bLinux/, 'Linux'],
]

/** A browser as people call it, from its User-Agent: "Firefox · Windows". null: no browser, so one of our own programs. */
export function programName(userAgent: string): string | null {
  const find = (list: readonly (readonly [RegExp, string])[]): string | undefined => list.find(([sign]) => sign.test(userAgent))?.[1]
  const browser = find(browsers)
  if (browser === undefined) return null
  const system = find(systems)
  return system === undefined ? browser : `${browser} · ${system}`
}
