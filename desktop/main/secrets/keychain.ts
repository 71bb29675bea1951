import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { dialog, safeStorage } from 'electron'
import { z } from 'zod'
import { readPrivateJson, writePrivateJson } from '../../launch/privateFile.ts'
import type { ShellMemory } from '../settings/settings.store.ts'
import type { ShellWords } from '../words/en.ts'

/** What locks the secrets of this computer (design: node key, owner's session). */
export interface Keychain {
  seal(text: string): string
  /** Null when the system does not open it. */
  open(text: string): string | null
  /** 32 bytes as base64url that the node locks its key with; itself locked by the system's keychain. */
  nodeSecret: string
}

const fileSchema = z.object({ locked: z.string() })

/**
 * Opens the system's keychain. Where there is none, the person is asked once whether files that only this user can read will do (`files`); `null`: they
 * will not, or the keychain does not open what was locked with it, and the app must not go on.
 */
export async function openKeychain(
  dataFolder: string,
  memory: ShellMemory,
  words: ShellWords['keychain'],
): Promise<Keychain | 'files' | null> {
  const path = join(dataFolder, 'node-secret.json')
  const known = readPrivateJson(path, fileSchema)
  if (!hasKeychain()) {
    if (known !== null) return tellLost(words)
    if (memory.secretsInFiles()) return 'files'
    const { response } = await dialog.showMessageBox({
      ...{ type: 'warning', message: words.message, detail: words.detail, buttons: [words.files, words.quit], defaultId: 0, cancelId: 1 },
    })
    if (response !== 0) return null
    memory.allowSecretsInFiles()
    return 'files'
  }
  const seal = (text: string) => safeStorage.encryptString(text).toString('base64')
  const open = (text: string): string | null => {
    try {
      return safeStorage.decryptString(Buffer.from(text, 'base64'))
    } catch {
      // Another user's keychain, or one that was emptied.
      return null
    }
  }
  const nodeSecret = known === null ? randomBytes(32).toString('base64url') : open(known.locked)
  if (nodeSecret === null) return tellLost(words)
  if (known === null) writePrivateJson(path, { locked: seal(nodeSecret) })
  return { seal, open, nodeSecret }
}

/** On Linux without a keychain Chromium "encrypts" with a password that everybody knows: that is none. */
function hasKeychain(): boolean {
  if (!safeStorage.isEncryptionAvailable()) return false
  return process.platform !== 'linux' || !['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend())
}

async function tellLost({ lost, lostDetail, quit }: ShellWords['keychain']): Promise<null> {
  await dialog.showMessageBox({ type: 'error', message: lost, detail: lostDetail, buttons: [quit] })
  return null
}
