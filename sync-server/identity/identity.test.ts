import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { durations } from '#shared/durations.ts'
import type { Clock } from '#shared/log.ts'
import { createConnections } from '../sync/connections.ts'
import { quietLogger } from '../testing/plainParts.ts'
import { startTestStore, type TestStore } from '../testing/startTestStore.ts'
import { realClock } from '../testing/testTools.ts'
import { createEnrolments } from './enrolments.ts'
import { createIdentity, type Identity } from './identity.ts'

let at: TestStore
let identity: Identity
let offsetMs = 0
/** The real time, moved on by the tests. */
const clock: Clock = {
  now: () => Date.now() + offsetMs,
  monotonicMs: () => performance.now() + offsetMs,
  after: (delayMs, callback) => realClock.after(delayMs, callback),
}

beforeAll(async () => {
  at = await startTestStore()
  const server = { serverId: 'server-1', epoch: 'epoch-1', url: () => 'http://127.0.0.1:1' }
  identity = createIdentity({
    store: at.store,
    connections: createConnections(),
    clock,
    server,
    operatorSecret: 'pop_secret',
    log: quietLogger,
  })
})
afterAll(async () => {
  identity.stop()
  await at.remove()
})

const newKey = () => generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? ''
const from = (address: string, program = 'a browser') => ({ address, program })
async function owner(name: string) {
  const added = await identity.accounts.add(name, undefined)
  if (!added.ok) throw new Error(added.error.message)
  return added.value
}
/** Everything that is kept, as one text. */
async function stored(): Promise<string> {
  let text = ''
  for (const name of ['accounts', 'sessions', 'tokens', 'keys'] as const)
    await at.store.scanPrivate(name, (page) => {
      text += JSON.stringify(page)
    })
  return text
}

describe('secrets', () => {
  test('no secret and no password is stored as it is', async () => {
    const ada = await identity.accounts.add('Ada', 'a long password')
    const ownerId = ada.ok ? ada.value.ownerId : ''
    const { secret } = await identity.links.make(ownerId)
    const signedIn = await identity.signInByPassword('Ada', 'a long password', from('here'))
    const { config } = await identity.enrolments.createWorker({ ownerId, name: 'Ada' }, 'worker', 1)
    const text = await stored()
    expect(text).toContain('$argon2id$')
    for (const each of [secret, signedIn.ok ? signedIn.value.token : 'x', config.enrolmentToken, 'a long password'])
      expect(text).not.toContain(each)
  })

  test('a link works once, even for two at the same moment, and not after a quarter of an hour', async () => {
    const { ownerId } = await owner('Links')
    const { secret } = await identity.links.make(ownerId)
    const both = await Promise.all([identity.signInByLink(secret, from('a')), identity.signInByLink(secret, from('b'))])
    expect(both.filter(({ ok }) => ok)).toHaveLength(1)
    const late = await identity.links.make(ownerId)
    offsetMs += durations.oneTimeLinkMs + 1
    expect(await identity.signInByLink(late.secret, from('a'))).toMatchObject({ ok: false, error: { code: 'LINK_USED_OR_EXPIRED' } })
  })

  test('an owner’s session ends after 30 days', async () => {
    const { ownerId } = await owner('Thirty days')
    const { secret } = await identity.links.make(ownerId)
    const signedIn = await identity.signInByLink(secret, from('c'))
    const token = signedIn.ok ? signedIn.value.token : ''
    expect(await identity.authenticate(token)).toMatchObject({ ownerId, isOwner: true })
    offsetMs += durations.ownerSessionMs + 1
    expect(await identity.authenticate(token)).toBeNull()
  })

  test('the operator is known by the whole secret only', async () => {
    expect(await identity.authenticate('pop_secret')).toBe('operator')
    for (const wrong of ['pop_secre', 'pop_secret1', 'pop_', '', 'po_secret']) expect(await identity.authenticate(wrong)).toBeNull()
  })
})

describe('tries', () => {
  test('too many wrong passwords from one place are stopped, also when they come all at once; another place is not', async () => {
    await identity.accounts.add('Target', 'the right password')
    const tries = await Promise.all(Array.from({ length: 25 }, () => identity.signInByPassword('Target', 'wrong', from('attacker'))))
    const codes = tries.map((tried) => (tried.ok ? 'in' : tried.error.code))
    expect(codes.filter((code) => code === 'WRONG_PASSWORD')).toHaveLength(10)
    expect(codes.filter((code) => code === 'TOO_MANY_ATTEMPTS')).toHaveLength(15)
    expect(await identity.signInByPassword('Target', 'the right password', from('attacker'))).toMatchObject({ ok: false })
    expect((await identity.signInByPassword('Target', 'the right password', from('elsewhere'))).ok).toBe(true)
    offsetMs += durations.attemptWindowMs + 1
    expect((await identity.signInByPassword('Target', 'the right password', from('attacker'))).ok).toBe(true)
  })

  test('a name that nobody has and a wrong password look alike', async () => {
    const [unknown, wrong] = [
      await identity.signInByPassword('Nobody at all', 'x', from('d')),
      await identity.signInByPassword('Target', 'x', from('e')),
    ]
    expect(unknown).toEqual(wrong)
  })

  test('short passwords and taken names are refused', async () => {
    expect(await identity.accounts.add('Short', 'seven77')).toMatchObject({ error: { code: 'PASSWORD_TOO_WEAK', details: { minimum: 8 } } })
    await owner('Taken')
    expect(await identity.accounts.add('  tAKEN', undefined)).toMatchObject({ error: { code: 'ACCOUNT_EXISTS' } })
    const both = await Promise.all([identity.accounts.add('Race', undefined), identity.accounts.add('race', undefined)])
    expect(both.filter(({ ok }) => ok)).toHaveLength(1)
  })
})

describe('enrolment', () => {
  const enrol = (token: string, key: string) => identity.enrol(token, key, undefined, Math.random().toString())
  const idOf = (answer: Awaited<ReturnType<typeof enrol>>) => (answer.ok ? answer.value.nodeId : answer.error.code)

  test('a config enrols one machine; the same machine may ask again when the answer got lost', async () => {
    const { worker, config } = await identity.enrolments.createWorker(await owner('One'), 'one', 1)
    const [mine, others] = [newKey(), newKey()]
    expect(idOf(await enrol(config.enrolmentToken, mine))).toBe(worker.id)
    expect(idOf(await enrol(config.enrolmentToken, mine))).toBe(worker.id)
    expect(idOf(await enrol(config.enrolmentToken, others))).toBe('CONFIG_EXPIRED')
    expect(idOf(await enrol('pe_nonsense', others))).toBe('ENROLMENT_REFUSED')
    expect(idOf(await enrol(config.enrolmentToken, 'bm90IGEga2V5'))).toBe('REQUEST_INVALID')
  })

  test('a token says what it is for, uses nothing up by it, and is silent when it is over or was taken back', async () => {
    const ada = await owner('About')
    const { worker, config } = await identity.enrolments.createWorker(ada, 'one', 1)
    const about = () => identity.aboutToken(config.enrolmentToken, Math.random().toString())
    const wanted = { ownerId: ada.ownerId, ownerName: 'About', workerId: worker.id, workerName: 'one', serverId: 'server-1' }
    expect(await about()).toMatchObject({ ok: true, value: { ...wanted, expiresAt: config.expiresAt } })
    expect(await about()).toMatchObject({ ok: true })
    expect(idOf(await enrol(config.enrolmentToken, newKey()))).toBe(worker.id)
    expect(await about()).toMatchObject({ ok: false, error: { code: 'CONFIG_EXPIRED' } })
    expect(await identity.aboutToken('pe_nonsense', 'x')).toMatchObject({ ok: false, error: { code: 'ENROLMENT_REFUSED' } })
    const many = await identity.enrolments.createWorker(ada, 'farm', 3)
    expect(await identity.aboutToken(many.config.enrolmentToken, 'y')).toMatchObject({ value: { workerId: null, workerName: 'farm' } })
    await identity.enrolments.revoke(ada.ownerId, many.worker.id)
    expect(await identity.aboutToken(many.config.enrolmentToken, 'y')).toMatchObject({ error: { code: 'ENROLMENT_REFUSED' } })
  })

  test('a config for many makes a worker for each, and no more than it may', async () => {
    const many = await owner('Many')
    const { config } = await identity.enrolments.createWorker(many, 'farm', 3)
    expect(config.workerId).toBeNull()
    const ids = await Promise.all(Array.from({ length: 5 }, () => enrol(config.enrolmentToken, newKey()).then(idOf)))
    const made = ids.filter((id) => id.startsWith('node-'))
    expect(new Set(made).size).toBe(3)
    expect(ids.filter((id) => id === 'CONFIG_EXPIRED')).toHaveLength(2)
    for (const id of made) expect((await at.store.read(many.ownerId, 'workers', id))?.document.name).toMatch(/^farm/)
  })

  test('revoking takes the unused configs away as well', async () => {
    const revoked = await owner('Revoked')
    const { worker, config } = await identity.enrolments.createWorker(revoked, 'one', 1)
    expect(await identity.enrolments.revoke('owner-other', worker.id)).toMatchObject({ error: { code: 'NODE_UNKNOWN' } })
    await identity.enrolments.revoke(revoked.ownerId, worker.id)
    expect(idOf(await enrol(config.enrolmentToken, newKey()))).toBe('ENROLMENT_REFUSED')
    const fresh = await identity.enrolments.config(revoked, worker.id)
    expect(fresh.ok && idOf(await enrol(fresh.value.enrolmentToken, newKey()))).toBe(worker.id)
  })

  test('a machine whose place another was given does not take it back with the config it once used', async () => {
    const ada = await owner('Ada Replaced')
    const { worker, config } = await identity.enrolments.createWorker(ada, 'one', 1)
    const [old, fresh] = [newKey(), newKey()]
    expect(idOf(await enrol(config.enrolmentToken, old))).toBe(worker.id)
    const next = await identity.enrolments.config(ada, worker.id)
    if (!next.ok) throw new Error(next.error.message)
    // The answer got lost, so the new machine asks twice.
    for (let time = 0; time < 2; time += 1) expect(idOf(await enrol(next.value.enrolmentToken, fresh))).toBe(worker.id)
    expect(idOf(await enrol(config.enrolmentToken, old))).toBe('ENROLMENT_REFUSED')
    expect((await at.store.readPrivate('keys', worker.id))?.document).toMatchObject({ publicKey: fresh })
    // Nor when it never got as far as its key: its use was taken before the other's.
    const late = await identity.enrolments.createWorker(ada, 'two', 1)
    const cut = { ...at.store, updatePrivate: () => Promise.reject(new Error('the power went')) } as typeof at.store
    const dying = createEnrolments(cut, clock, { serverId: 'server-1', url: () => '' })
    await expect(dying.enrol(late.config.enrolmentToken, old, undefined)).rejects.toThrow('power')
    const other = await identity.enrolments.config(ada, late.worker.id)
    if (!other.ok) throw new Error(other.error.message)
    expect(idOf(await enrol(other.value.enrolmentToken, fresh))).toBe(late.worker.id)
    expect(idOf(await enrol(late.config.enrolmentToken, old))).toBe('ENROLMENT_REFUSED')
  })

  test('a machine of a config for many whose key was taken away does not come back with the same config', async () => {
    const ada = await owner('Ada Revoked')
    const { config } = await identity.enrolments.createWorker(ada, 'farm', 3)
    const [first, second] = [newKey(), newKey()]
    await identity.enrol(config.enrolmentToken, first, 'one', 'here')
    const enrolled = await identity.enrol(config.enrolmentToken, second, 'two', 'here')
    const nodeId = enrolled.ok ? enrolled.value.nodeId : ''
    expect((await identity.enrolments.revoke(ada.ownerId, nodeId)).ok).toBe(true)
    expect(await identity.enrol(config.enrolmentToken, second, 'two', 'here')).toMatchObject({
      ok: false,
      error: { code: 'ENROLMENT_REFUSED' },
    })
    expect((await at.store.readPrivate('keys', nodeId))?.document).toMatchObject({ publicKey: null })
    // Its owner may let it in again, by a config of its own.
    const again = await identity.enrolments.config(ada, nodeId)
    if (!again.ok) throw new Error(again.error.message)
    expect(await identity.enrol(again.value.enrolmentToken, second, 'two', 'here')).toMatchObject({ ok: true, value: { nodeId } })
  })
  test('a key that is taken away while its machine enrols stays taken away', async () => {
    const ada = await owner('Ada Racing')
    const { worker, config } = await identity.enrolments.createWorker(ada, 'one', 1)
    const store = {
      ...at.store,
      async writePrivate(...parameters: Parameters<typeof at.store.writePrivate>) {
        const written = await at.store.writePrivate(...parameters)
        if (parameters[0] === 'tokens') await identity.enrolments.revoke(ada.ownerId, worker.id)
        return written
      },
    } as typeof at.store
    const racing = createEnrolments(store, clock, { serverId: 'server-1', url: () => 'http://127.0.0.1:1' })
    expect(await racing.enrol(config.enrolmentToken, newKey(), undefined)).toMatchObject({
      ok: false,
      error: { code: 'ENROLMENT_REFUSED' },
    })
    expect((await at.store.readPrivate('keys', worker.id))?.document).toMatchObject({ publicKey: null })
  })
  test('a config is too old after a week', async () => {
    const { config } = await identity.enrolments.createWorker(await owner('Old'), 'one', 1)
    offsetMs += durations.enrolmentTokenMs + 1
    expect(idOf(await enrol(config.enrolmentToken, newKey()))).toBe('CONFIG_EXPIRED')
  })
})

describe('an owner’s sessions and password', () => {
  const signIn = async (name: string, program: string) => {
    const signedIn = await identity.signInByPassword(name, 'a long password', from(`10.0.0.${Math.ceil(Math.random() * 250)}`, program))
    if (!signedIn.ok) throw new Error(signedIn.error.message)
    const session = await identity.authenticate(signedIn.value.token)
    if (session === null || session === 'operator') throw new Error('no session')
    return { session, token: signedIn.value.token }
  }

  test('are listed with where they came from, and end one by one', async () => {
    await identity.accounts.add('Grace', 'a long password')
    const [desk, phone] = [await signIn('Grace', 'Desk'), await signIn('Grace', 'Phone <b>')]
    const listed = await identity.sessions(desk.session)
    expect(listed.map(({ program, current }) => [program, current]).sort()).toEqual([
      ['Desk', true],
      ['Phone <b>', false],
    ])
    expect(JSON.stringify(listed)).not.toContain(phone.token)
    expect(await identity.endSession(desk.session, phone.session.sessionId)).toEqual({ ok: true, value: null })
    expect(await identity.authenticate(phone.token)).toBeNull()
    expect(await identity.authenticate(desk.token)).not.toBeNull()
    expect(await identity.endSession(desk.session, phone.session.sessionId)).toMatchObject({ ok: false, error: { code: 'NOT_FOUND' } })
  })

  test('nobody ends a session of somebody else', async () => {
    await identity.accounts.add('Mallory', 'a long password')
    await identity.accounts.add('Edith', 'a long password')
    const [mallory, edith] = [await signIn('Mallory', 'x'), await signIn('Edith', 'y')]
    expect(await identity.endSession(mallory.session, edith.session.sessionId)).toMatchObject({ ok: false, error: { code: 'NOT_FOUND' } })
    expect(await identity.endOthers(mallory.session)).toBe(0)
    expect(await identity.authenticate(edith.token)).not.toBeNull()
  })

  test('the password changes only for who knows it, and signs everybody else out', async () => {
    await identity.accounts.add('Hedy', 'a long password')
    const [desk, phone] = [await signIn('Hedy', 'Desk'), await signIn('Hedy', 'Phone')]
    expect(await identity.setPassword(desk.session, 'a guess', 'another password')).toMatchObject({ error: { code: 'WRONG_PASSWORD' } })
    expect(await identity.setPassword(desk.session, undefined, 'another password')).toMatchObject({ error: { code: 'WRONG_PASSWORD' } })
    expect(await identity.setPassword(desk.session, 'a long password', 'short')).toMatchObject({ error: { code: 'PASSWORD_TOO_WEAK' } })
    expect(await identity.authenticate(phone.token)).not.toBeNull()
    expect(await identity.setPassword(desk.session, 'a long password', 'another password')).toEqual({ ok: true, value: { ended: 1 } })
    expect(await identity.authenticate(phone.token)).toBeNull()
    expect(await identity.authenticate(desk.token)).not.toBeNull()
    expect((await identity.accounts.checkPassword('Hedy', 'a long password')).ok).toBe(false)
    expect((await identity.accounts.checkPassword('Hedy', 'another password')).ok).toBe(true)
  })

  test('who came by a link sets the first password, and guesses are counted', async () => {
    const { ownerId } = await owner('By link')
    const { secret } = await identity.links.make(ownerId)
    const signedIn = await identity.signInByLink(secret, from('10.1.1.1'))
    const session = signedIn.ok ? await identity.authenticate(signedIn.value.token) : null
    if (session === null || session === 'operator') throw new Error('no session')
    expect(await identity.accounts.hasPassword(ownerId)).toBe(false)
    expect((await identity.setPassword(session, undefined, 'a first password')).ok).toBe(true)
    expect(await identity.accounts.hasPassword(ownerId)).toBe(true)
    const answers: string[] = []
    for (let guess = 0; guess < 12; guess += 1) {
      const set = await identity.setPassword(session, `guess ${guess}`, 'another password')
      answers.push(set.ok ? 'ok' : set.error.code)
    }
    expect(answers.at(-1)).toBe('TOO_MANY_ATTEMPTS')
    expect(answers).not.toContain('ok')
  })

  test('when a session was last used is kept to within an hour', async () => {
    await identity.accounts.add('Radia', 'a long password')
    const desk = await signIn('Radia', 'Desk')
    const usedAt = async () => (await identity.sessions(desk.session))[0]?.lastUsedAt ?? 0
    const before = await usedAt()
    await identity.authenticate(desk.token)
    expect(await usedAt()).toBe(before)
    offsetMs += durations.sessionUseNotedMs + 1
    await identity.authenticate(desk.token)
    await expect.poll(usedAt).toBeGreaterThan(before)
  })
})
