import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadIdentity, makeKeyPair, pendingKeys, saveIdentity } from '../node/identity.store.ts'
import { createSeal, noSeal } from './seal.ts'

const seal = createSeal(randomBytes(32).toString('base64url'))
const locked = { error: { code: 'SECRETS_LOCKED' } }
let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pictor-seal-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const stored = {
  ...{ nodeId: 'node-aaaaaaaaaaaaaaaaaaaa', ownerId: 'owner-aaaaaaaaaaaaaaaaaaaa', serverId: 'server-1' },
  ...{ ownerName: 'Ada', serverUrl: 'http://localhost', enrolledWith: '' },
}

it('opens what it sealed, and nothing that was sealed otherwise or changed', () => {
  const text = seal.seal('secret ä')
  expect(text).not.toContain('secret')
  expect(seal.open(text)).toBe('secret ä')
  expect(seal.seal('secret ä')).not.toBe(text)
  const refuses = (other: { open(text: string): string }, what: string) => expect(() => other.open(what)).toThrow(/SECRETS_LOCKED/)
  refuses(noSeal, text)
  refuses(createSeal(randomBytes(32).toString('base64url')), text)
  refuses(seal, `${text.slice(0, -2)}AA`)
  refuses(seal, 'sealed:1:AA')
  expect(seal.open('open')).toBe('open')
})

it('keeps the key of a node sealed, and seals one that lay open', async () => {
  const read = () => readFileSync(join(folder, 'node.key'), 'utf8')
  const { publicKey } = await saveIdentity(folder, stored, makeKeyPair())
  expect(read()).toContain('PRIVATE KEY')
  expect((await loadIdentity(folder, seal))?.publicKey).toBe(publicKey)
  expect(read()).not.toContain('PRIVATE KEY')
  expect((await loadIdentity(folder, seal))?.publicKey).toBe(publicKey)
  await expect(loadIdentity(folder)).rejects.toMatchObject(locked)
  const pending = await pendingKeys(folder, seal)
  expect(readFileSync(join(folder, 'node.key.pending'), 'utf8')).not.toContain('PRIVATE KEY')
  expect((await pendingKeys(folder, seal)).publicKey).toBe(pending.publicKey)
})
