import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The folder of settings that a desktop of a test keeps beside its data: nothing is written into the person's own. */
export const configFolderOf = (data: string): string => `${data}-config`

/** What the desktop's autostart folder says of the app, as the desktop reads it: the words of the command after the program's. */
export function loginEntryOf(data: string): { openAtLogin: boolean; args: string[] } {
  const path = join(configFolderOf(data), 'autostart/pictor-worker.desktop')
  if (!existsSync(path)) return { openAtLogin: false, args: [] }
  const command = /^Exec=(.*)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? ''
  return { openAtLogin: true, args: [...command.matchAll(/"([^"]*)"/g)].slice(1).map(([, word = '']) => word) }
}
