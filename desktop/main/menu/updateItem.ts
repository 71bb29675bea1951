import type { MenuItemConstructorOptions } from 'electron'
import { fillIn } from '#shared/errors/appError.ts'
import type { UpdateState } from '#shared/updates/updateState.ts'
import type { ShellActions } from '../actions.ts'
import type { ShellWords } from '../words/en.ts'

/** One entry for where the update is: look, load, restart. */
export function updateItem(update: UpdateState, words: ShellWords['menu'], actions: ShellActions): MenuItemConstructorOptions {
  if (update.name === 'available') return { label: fillIn(words.download, { ...update.release }), click: () => actions.download() }
  if (update.name === 'downloaded') return { label: fillIn(words.restart, { ...update.release }), click: () => actions.restart() }
  return { label: words.checkForUpdates, enabled: update.name === 'idle', click: () => actions.checkForUpdates() }
}
