/** The dashboard's own scheme and its one host. Nothing else is served under it, and the window never leaves it. */
export const appScheme = 'pictor-app'
export const appOrigin = `${appScheme}://dashboard`

/** Is the address within the app's origin? Schemes of our own have the origin "null" in URL, so their parts are compared. */
export function isOwnAddress(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, host, username, password } = new URL(address)
  return protocol === `${appScheme}:` && host === 'dashboard' && username === '' && password === ''
}
