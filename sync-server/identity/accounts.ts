import { hash, verify } from '@node-rs/argon2'
import type { Profile } from '#shared/collections/profile.schema.ts'
import { appError } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import type { Clock } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { DocumentStore } from '../store/documentStore.ts'
import { hashSecret, newId } from './secrets.ts'

const minimumPassword = 8

/** In the private database `accounts`, id = the owner's id. Beside it `name.<hash>` reserves the name. */
interface Account extends JsonObject {
  id: string
  kind: 'owner'
  name: string
  /** argon2id with its parameters; null: signs in by link only. */
  passwordHash: string | null
  createdAt: number
}
interface NameReservation extends JsonObject {
  id: string
  kind: 'name'
  ownerId: string
}
export interface Owner {
  ownerId: string
  name: string
}

export interface Accounts {
  /** Errors: ACCOUNT_EXISTS, PASSWORD_TOO_WEAK. @param ownerId drawn unless given. */
  add(name: string, password: string | undefined, ownerId?: string): Promise<Result<Owner>>
  list(): Promise<Owner[]>
  find(ownerId: string): Promise<Owner | null>
  hasPassword(ownerId: string): Promise<boolean>
  /** `current` is only looked at where there is a password. Errors: WRONG_PASSWORD, PASSWORD_TOO_WEAK, NOT_FOUND. */
  setPassword(ownerId: string, current: string | undefined, next: string): Promise<Result<null>>
  /** Error: WRONG_PASSWORD, whether the name or the password is wrong, in the same time. */
  checkPassword(name: string, password: string): Promise<Result<Owner>>
}

export function createAccounts(store: DocumentStore, clock: Clock): Accounts {
  // Somebody who tries names must not see from the time which ones exist.
  let decoy: Promise<string> | null = null

  async function byName(name: string): Promise<Account | null> {
    const reserved = await store.readPrivate<NameReservation>('accounts', nameId(name))
    return reserved === null ? null : ((await store.readPrivate<Account>('accounts', reserved.document.ownerId))?.document ?? null)
  }

  async function writeProfile(ownerId: string, name: string): Promise<void> {
    const profile: Profile = { id: ownerId, ownerId, updatedAt: clock.now(), name, stamps: {} }
    await store.update(ownerId, 'profile', ownerId, (current) => (current === null ? profile : null))
  }

  return {
    async add(name, password, ownerId = newId('owner')) {
      if (password !== undefined && password.length < minimumPassword)
        return err(appError('PASSWORD_TOO_WEAK', { minimum: minimumPassword }))
      const account: Account = {
        id: ownerId,
        kind: 'owner',
        name,
        passwordHash: password === undefined ? null : await hash(password),
        createdAt: clock.now(),
      }
      const [reserved] = await store.writePrivate<NameReservation>('accounts', [
        { document: { id: nameId(name), kind: 'name', ownerId }, rev: null },
      ])
      const reservation = reserved?.written === false ? (reserved.current?.document ?? null) : null
      if (reserved?.written !== true) {
        // A reservation without its account is what a crash in between leaves: whoever comes next may have the name.
        const holder = reservation === null ? null : await store.readPrivate('accounts', reservation.ownerId)
        if (holder !== null || reservation === null) return err(appError('ACCOUNT_EXISTS', { name }))
        account.id = reservation.ownerId
      }
      const [written] = await store.writePrivate<Account>('accounts', [{ document: account, rev: null }])
      if (written?.written !== true) return err(appError('ACCOUNT_EXISTS', { name }))
      await writeProfile(account.id, name)
      return ok({ ownerId: account.id, name })
    },
    async list() {
      const owners: Owner[] = []
      await store.scanPrivate<Account>('accounts', (page) => {
        for (const { document } of page) if (document.kind === 'owner') owners.push({ ownerId: document.id, name: document.name })
      })
      return owners
    },
    async find(ownerId) {
      const found = await store.readPrivate<Account>('accounts', ownerId)
      return found === null || found.document.kind !== 'owner' ? null : { ownerId, name: found.document.name }
    },
    async hasPassword(ownerId) {
      return (await store.readPrivate<Account>('accounts', ownerId))?.document.passwordHash != null
    },
    async setPassword(ownerId, current, next) {
      const found = await store.readPrivate<Account>('accounts', ownerId)
      if (found === null) return err(appError('NOT_FOUND'))
      const before = found.document.passwordHash
      if (before !== null && !(await verify(before, current ?? ''))) return err(appError('WRONG_PASSWORD'))
      if (next.length < minimumPassword) return err(appError('PASSWORD_TOO_WEAK', { minimum: minimumPassword }))
      const passwordHash = await hash(next)
      // The swap decides between two who change it at the same moment: the later one has to know the newer password.
      const [written] = await store.writePrivate<Account>('accounts', [{ document: { ...found.document, passwordHash }, rev: found.rev }])
      return written?.written === true ? ok(null) : err(appError('BUSY'))
    },
    async checkPassword(name, password) {
      const account = await byName(name)
      const passwordHash = account?.passwordHash ?? (await (decoy ??= hash('nobody has this password')))
      const right = await verify(passwordHash, password)
      if (account === null || account.passwordHash === null || !right) return err(appError('WRONG_PASSWORD'))
      return ok({ ownerId: account.id, name: account.name })
    },
  }
}

/** Names are the same whatever their case. */
const nameId = (name: string) => `name.${hashSecret(name.trim().normalize('NFKC').toLowerCase())}`
