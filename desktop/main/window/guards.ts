import { shell, type Session, type WebContents } from 'electron'
import { isOwnAddress } from '../page/appOrigin.ts'

/** The one door to the system's browser: https pages only, without a name or password in the address. */
export function openOutside(address: string): void {
  if (!URL.canParse(address)) return
  const { protocol, username, password, href } = new URL(address)
  if (protocol === 'https:' && username === '' && password === '') void shell.openExternal(href)
}

/** Keeps the window on its own page: other addresses open in the browser, new windows never. */
export function guardNavigation(contents: WebContents): void {
  contents.on('will-navigate', (event) => {
    if (isOwnAddress(event.url)) return
    event.preventDefault()
    openOutside(event.url)
  })
  contents.on('will-redirect', (event) => {
    if (!isOwnAddress(event.url)) event.preventDefault()
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
