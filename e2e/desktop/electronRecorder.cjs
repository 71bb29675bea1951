// Runs in the real Electron before the app (`-r`, or testEntry.mjs in a packed one): keeps what the system would show, so that a test can look at it and
// answer.
'use strict'
const electron = require('electron')
const menuOf = (items) =>
  (items ?? []).map(({ label = '', enabled = true, type, checked, submenu }) => ({
    ...{ label, enabled, checked: type === 'checkbox' ? Boolean(checked) : null },
    submenu: menuOf(submenu?.items),
  }))
const recorded = (globalThis.pictorRecorded = {
  tray: null,
  clickTray() {},
  choose() {},
  dialogs: [],
  openedOutside: [],
  notifications: [],
  awake: 0,
  loginItem: { openAtLogin: false, args: [] },
  permission: () => [true, true],
})

const { Tray, dialog, shell, powerSaveBlocker, Notification, safeStorage, session } = electron
const { setToolTip, setContextMenu, setImage } = Tray.prototype
const trayView = () => (recorded.tray ??= { icon: '', toolTip: '', menu: [] })
Tray.prototype.setToolTip = function (text) {
  trayView().toolTip = text
  recorded.clickTray = () => this.emit('click')
  return setToolTip.call(this, text)
}
Tray.prototype.setImage = function (image) {
  return setImage.call(this, image)
}
Tray.prototype.setContextMenu = function (menu) {
  trayView().menu = menuOf(menu.items)
  recorded.choose = (path) => {
    let items = menu.items
    for (const [depth, label] of path.entries()) {
      const item = items.find((one) => one.label === label)
      if (item === undefined || item.enabled === false) throw new Error(`the menu has no "${label}" to choose`)
      if (depth === path.length - 1) return item.click()
      items = item.submenu.items
    }
  }
  return setContextMenu.call(this, menu)
}
const ask = (kind) => (options) =>
  new Promise((answer) =>
    recorded.dialogs.push({
      kind,
      message: options.message ?? '',
      detail: options.detail ?? '',
      buttons: options.buttons ?? ['OK'],
      answer,
    }),
  )
Object.assign(dialog, { showMessageBox: ask('message'), showOpenDialog: ask('open'), showSaveDialog: ask('save') })
electron.app.setLoginItemSettings = ({ openAtLogin = false, args = [] }) => void (recorded.loginItem = { openAtLogin, args })
shell.openExternal = async (address) => void recorded.openedOutside.push(address)
const { start, stop } = powerSaveBlocker
powerSaveBlocker.start = (...args) => ((recorded.awake += 1), start.apply(powerSaveBlocker, args))
powerSaveBlocker.stop = (...args) => ((recorded.awake -= 1), stop.apply(powerSaveBlocker, args))
Notification.prototype.show = function () {
  recorded.notifications.push({ title: this.title, body: this.body })
}
// A machine of a CI has no keychain: what is locked is turned around there. `none`: the app is told that there is none.
if (process.env.PICTOR_TEST_KEYCHAIN === 'none') safeStorage.isEncryptionAvailable = () => false
else if (process.platform === 'linux')
  Object.assign(safeStorage, {
    isEncryptionAvailable: () => true,
    getSelectedStorageBackend: () => 'gnome_libsecret',
    encryptString: (text) => Buffer.from(text).reverse(),
    decryptString: (locked) => Buffer.from(locked).reverse().toString(),
  })
electron.app.whenReady().then(() => {
  const own = session.defaultSession
  const handlers = {}
  for (const [name, key] of [
    ['setPermissionRequestHandler', 'request'],
    ['setPermissionCheckHandler', 'check'],
  ]) {
    const set = own[name].bind(own)
    own[name] = (handler) => ((handlers[key] = handler), set(handler))
  }
  recorded.permission = (name) => {
    let granted = true
    handlers.request?.(null, name, (answer) => (granted = answer))
    return [handlers.check?.(null, name) ?? true, granted]
  }
})
