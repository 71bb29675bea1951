import { createPublicKey, verify } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { toAppError } from '#shared/errors/appError.ts'
import { loadIdentity, makeKeyPair, pendingKeys, saveIdentity, setAsideIdentity, tokenHash } from './identity.store.ts'

let folder: string
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'pictor-node-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

test('the identity is kept with its key, readable by its user alone, and signs what the server can verify', async () => {
  const stored = {
    nodeId: 'node-1',
    ownerId: 'owner-1',
    ownerName: 'Anna',
    serverId: 'server-1',
    serverUrl: 'http://x',
    enrolledWith: tokenHash('t'),
  }
  expect(await loadIdentity(folder)).toBeNull()
  const saved = await saveIdentity(folder, stored, makeKeyPair())
  const loaded = await loadIdentity(folder)
  expect(loaded).toMatchObject({ ...stored, publicKey: saved.publicKey })
  expect((await stat(join(folder, 'node.key'))).mode & 0o777).toBe(0o600)
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: saved.publicKey }, format: 'jwk' })
  expect(verify(null, Buffer.from('nonce'), key, Buffer.from(loaded?.sign('nonce') ?? '', 'base64url'))).toBe(true)
})

test('an identity that cannot be read is said to be damaged, without a word of what stands in it, and is left as it is', async () => {
  const stored = { nodeId: 'n', ownerId: 'o', ownerName: '', serverId: 's', serverUrl: '', enrolledWith: '' }
  const put = (name: string, text: string) => writeFile(join(folder, name), text)
  const identity = JSON.stringify(stored)
  const key = makeKeyPair()
  // A cut enrolment left its key alone.
  await put('node.key', key.privatePem)
  expect(await loadIdentity(folder)).toBeNull()
  const hostile = [
    ['identity.json', identity.slice(0, 20)],
    ['identity.json', '{"nodeId":"../../etc"}'],
    ['identity.json', ''],
    ['node.key', ''],
    ['node.key', key.privatePem.slice(0, 60)],
    ['node.key', 'secret-looking text'],
  ] as const
  for (const [file, text] of hostile) {
    await put('identity.json', identity)
    await put('node.key', key.privatePem)
    await put(file, text)
    const refused = await loadIdentity(folder).catch((error: unknown) => toAppError(error))
    expect(refused).toMatchObject({ code: 'IDENTITY_DAMAGED', details: { path: join(folder, file), reason: 'it cannot be read' } })
    expect(JSON.stringify(refused)).not.toContain('secret-looking')
    expect(await readFile(join(folder, file), 'utf8')).toBe(text)
  }
  await rm(join(folder, 'node.key'))
  await put('identity.json', identity)
  await expect(loadIdentity(folder)).rejects.toMatchObject({ error: { code: 'IDENTITY_DAMAGED', details: { reason: 'it is missing' } } })
  setAsideIdentity(folder, 5)
  expect([await loadIdentity(folder), await readFile(join(folder, 'damaged', 'identity.json.5'), 'utf8')]).toEqual([null, identity])
})

test('an enrolment that was cut is repeated with the same key', async () => {
  expect((await pendingKeys(folder)).publicKey).toBe((await pendingKeys(folder)).publicKey)
})
