import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openShellMemory } from '../settings/settings.store.ts'
import { en } from '../words/en.ts'
import { openKeychain } from './keychain.ts'

const system = vi.hoisted(() => ({ backend: 'gnome_libsecret', password: 'one', answer: 0, asked: [] as string[] }))
vi.mock('electron', () => ({
  safeStorage: {
    isEncryptionAvailable: () => true,
    getSelectedStorageBackend: () => system.backend,
    encryptString: (text: string) => Buffer.from(JSON.stringify([system.password, Buffer.from(text).toString('hex')])),
    decryptString(locked: Buffer) {
      const [password, text] = JSON.parse(locked.toString()) as [string, string]
      if (password !== system.password) throw new Error('Error while decrypting the ciphertext')
      return Buffer.from(text, 'hex').toString()
    },
  },
  dialog: {
    showMessageBox: ({ message }: { message: string }) => {
      system.asked.push(message)
      return Promise.resolve({ response: system.answer })
    },
  },
}))
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-keychain-'))
  Object.assign(system, { backend: 'gnome_libsecret', password: 'one', answer: 0, asked: [] })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const openIt = () =>
  openKeychain(
    folder,
    openShellMemory(folder, () => 'installation'),
    en.keychain,
  )

it('keeps one secret for the node, locked', async () => {
  const first = await openIt()
  const again = await openIt()
  if (first === null || first === 'files' || again === null || again === 'files') throw new Error('there is a keychain')
  expect(again.nodeSecret).toBe(first.nodeSecret)
  expect(readFileSync(join(folder, 'node-secret.json'), 'utf8')).not.toContain(first.nodeSecret)
  expect(again.open(first.seal('token'))).toBe('token')
  expect(again.open('nonsense')).toBeNull()
})

it.skipIf(process.platform !== 'linux')('asks once where the system has none, and takes no for an answer', async () => {
  system.backend = 'basic_text'
  system.answer = 1
  expect(await openIt()).toBeNull()
  system.answer = 0
  expect(await openIt()).toBe('files')
  expect(await openIt()).toBe('files')
  expect(system.asked).toEqual([en.keychain.message, en.keychain.message])
  expect(existsSync(join(folder, 'node-secret.json'))).toBe(false)
})

it('does not go on with a keychain that opens nothing', async () => {
  await openIt()
  system.password = 'another'
  expect(await openIt()).toBeNull()
  expect(system.asked).toEqual([en.keychain.lost])
})
