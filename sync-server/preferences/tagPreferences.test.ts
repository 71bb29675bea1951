import { expect, test, vi } from 'vitest'
import type { Profile } from '#shared/collections/profile.schema.ts'
import { tagPreferencesTopic } from '#shared/sync/live.ts'
import { gatewayServices } from '../services.ts'
import { connectTestClient, untilLive } from '../testing/testClient.ts'
import { startTestGateway } from '../testing/startTestGateway.ts'

test('a node may ask for the preferences of tags, hears of a change at once, and learns nothing else of the profile', async () => {
  const at = await startTestGateway({ services: gatewayServices })
  try {
    const owner = await at.addOwner('Owner')
    const stranger = await at.addOwner('Stranger')
    const node = await at.enrolNode(owner.ownerId, 'node')
    const theirs = await at.enrolNode(stranger.ownerId, 'theirs')
    const token = (await node.signIn()).body.token
    const theirToken = (await theirs.signIn()).body.token
    const client = connectTestClient(at.url, () => token)
    const theirClient = connectTestClient(at.url, () => theirToken)
    const page = connectTestClient(at.url, () => owner.token)
    try {
      const heard: unknown[] = []
      const overheard: unknown[] = []
      client.watch(tagPreferencesTopic, (value) => heard.push(value))
      theirClient.watch(tagPreferencesTopic, (value) => overheard.push(value))
      for (const one of [client, theirClient, page]) {
        one.start()
        await untilLive(one)
      }
      expect(await client.call('node.tagPreferences', {})).toMatchObject({ ok: true, value: { byTag: {} } })

      const pulled = await page.pull({ collection: 'profile', checkpoint: null, limit: 1 })
      const before = (pulled.ok ? pulled.value.documents[0] : undefined) as unknown as Profile
      const after = {
        ...before,
        walletAddress: '0xsecret',
        preferencesByTag: { cellar: { idleMinutes: 5 } },
        updatedAt: before.updatedAt + 1,
      }
      const pushed = await page.push({ collection: 'profile', rows: [{ assumed: before, document: after }] })
      expect(pushed).toMatchObject({ ok: true, value: { refusals: [], conflicts: [] } })
      await vi.waitFor(() => expect(heard).toEqual([{ updatedAt: after.updatedAt, byTag: after.preferencesByTag }]), { timeout: 2_000 })
      const answer = await client.call('node.tagPreferences', {})
      expect(answer).toEqual({ ok: true, value: heard[0] })
      expect(await theirClient.call('node.tagPreferences', {})).toMatchObject({ ok: true, value: { byTag: {} } })

      // What is wrong is refused, and what is about something else is not told.
      const wrong = { ...after, preferencesByTag: { cellar: { idleMinutes: 0 } } }
      expect(await page.push({ collection: 'profile', rows: [{ assumed: after, document: wrong }] })).toMatchObject({
        value: { refusals: [{ error: { code: 'DOCUMENT_INVALID' } }] },
      })
      const renamed = { ...after, name: 'Another', updatedAt: after.updatedAt + 1 }
      await page.push({ collection: 'profile', rows: [{ assumed: after, document: renamed }] })
      expect(await client.call('node.tagPreferences', {})).toMatchObject({ value: { updatedAt: renamed.updatedAt } })
      expect([heard.length, overheard.length]).toEqual([1, 0])
    } finally {
      for (const one of [client, theirClient, page]) one.stop()
    }
  } finally {
    await at.remove()
  }
})
