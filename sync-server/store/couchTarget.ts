import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'

/** Where the store is. The credentials stand apart, so that the URL can be logged. */
export interface CouchTarget {
  url: string
  authorization: string | null
}

/** Takes the credentials out of the URL an operator gave (they may stand there); nothing else ever sees them. */
export function couchTargetFromUrl(text: string): Result<CouchTarget> {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol))
    return err(appError('STORE_NOT_COUCHDB', { url: withoutCredentials(text), reason: 'not an http address' }))
  const authorization = url.username === '' ? null : basic(decodeURIComponent(url.username), decodeURIComponent(url.password))
  url.username = ''
  url.password = ''
  url.search = ''
  url.hash = ''
  return ok({ url: url.href.replace(/\/+$/, ''), authorization })
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^/]*@/, '//')
}
