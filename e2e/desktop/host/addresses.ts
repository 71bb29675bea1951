/** Chromium does not go to schemes of ours: `name://host/path` is `https://host.name.test/path` in the browser of this host, and back. */
const schemes = new Set<string>()
export const addScheme = (scheme: string): void => void schemes.add(scheme)

export function toBrowser(address: string): string {
  const found = /^([a-z0-9+.-]+):\/\/([^/?#]+)(.*)$/i.exec(address)
  return found !== null && schemes.has(found[1] ?? '') ? `https://${found[2]}.${found[1]}.test${found[3] ?? ''}` : address
}

export function fromBrowser(address: string): string {
  const found = /^https:\/\/([^/?#]+)\.([a-z0-9+-]+)\.test(.*)$/i.exec(address)
  return found !== null && schemes.has(found[2] ?? '') ? `${found[2]}://${found[1]}${found[3] ?? ''}` : address
}
export const isMapped = (address: string): boolean => fromBrowser(address) !== address
export const schemeOf = (address: string): string => fromBrowser(address).split(':')[0] ?? ''
