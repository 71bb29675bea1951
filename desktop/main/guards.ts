import { shell, type Session, type WebContents } from 'electron'

/** May the window go to this address? Only within the page's own origin; compared as parsed, never as text. */
export function isWithin(pageUrl: string, address: string): boolean {
  return URL.canParse(address) && URL.canParse(pageUrl) && new URL(address).origin === new URL(pageUrl).origin
}

/** The one door to the system's browser: https pages only. */
export function openOutside(address: string): void {
  if (URL.canParse(address) && new URL(address).protocol === 'https:') void shell.openExternal(address)
}

/** Keeps the window on its own page: other addresses open in the browser, new windows never. */
export function guardNavigation(contents: WebContents, pageUrl: string): void {
  contents.on('will-navigate', (event) => {
    if (isWithin(pageUrl, event.url)) return
    event.preventDefault()
    openOutside(event.url)
  })
  contents.on('will-redirect', (event) => {
    if (!isWithin(pageUrl, event.url)) event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url)
    return { action: 'deny' }
  })
}

/** The dashboard needs no camera, no position, no notifications of the browser's kind: whatever is asked for is denied. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
}
