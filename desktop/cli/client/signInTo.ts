import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { serverClient, type ServerClient } from '../../launch/serverClient.ts'
import { askPassword } from '../console/askPassword.ts'
import { saveSession, savedSession, type SavedSession } from './savedSessions.ts'

/** How the person says who they are. Passwords never come this way: they are asked for, or taken from PICTOR_PASSWORD. */
export interface Credentials {
  account?: string | undefined
  secret?: string | undefined
}

/** Signs in with what was given and keeps the session. null: nothing was given. Rejects with the server's answer, or SIGN_IN_NEEDED without a password. */
export async function signInWith(serverUrl: string, { account, secret }: Credentials): Promise<SavedSession | null> {
  const client = serverClient(serverUrl)
  if (secret !== undefined) return keep(serverUrl, await client.signInByLink(secret))
  if (account === undefined) return null
  const password = process.env['PICTOR_PASSWORD'] ?? (await askPassword(`Password of ${account} at ${serverUrl}: `, keyboard))
  if (password === null) throw new AppErrorException(appError('SIGN_IN_NEEDED', { server: serverUrl }))
  return keep(serverUrl, await client.signInByPassword(account, password))
}

/** The owner at a server elsewhere: by PICTOR_TOKEN, what was given, or the session kept from before. Rejects with SIGN_IN_NEEDED {server}. */
export async function ownerAt(serverUrl: string, credentials: Credentials): Promise<{ owner: ServerClient; token: string }> {
  const given = process.env['PICTOR_TOKEN']
  const session = given === undefined ? ((await signInWith(serverUrl, credentials)) ?? savedSession(serverUrl)) : null
  const token = given ?? session?.token
  if (token === undefined || (session !== null && session.expiresAtMs <= Date.now()))
    throw new AppErrorException(appError('SIGN_IN_NEEDED', { server: serverUrl }))
  return { owner: serverClient(serverUrl, token), token }
}

const keyboard = { input: process.stdin, say: (text: string) => void process.stderr.write(text) }

function keep(
  serverUrl: string,
  { ownerId, ownerName, token, expiresAtMs }: Awaited<ReturnType<ServerClient['signInByLink']>>,
): SavedSession {
  if (token === undefined) throw new AppErrorException(appError('UNEXPECTED', { reason: 'the server gave no token' }))
  const session = { ownerId, ownerName, token, expiresAtMs }
  saveSession(serverUrl, session)
  return session
}
