import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readSecretFiles, takeSecrets } from './secrets.ts'

it('reads secrets from files, never over one that is given, and leaves none behind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pictor-secrets-'))
  const path = join(folder, 'token')
  writeFileSync(path, 'enrol_abc\n')
  const environment: Record<string, string | undefined> = {
    PICTOR_ENROLL_FILE: path,
    COUCHDB_URL_FILE: path,
    COUCHDB_URL: 'http://couch',
    HOME: '/root',
  }
  expect(readSecretFiles(environment)).toBeNull()
  expect(environment['PICTOR_ENROLL']).toBe('enrol_abc')
  expect(environment['COUCHDB_URL']).toBe('http://couch')
  expect(takeSecrets(environment)).toEqual({ PICTOR_ENROLL: 'enrol_abc', COUCHDB_URL: 'http://couch' })
  expect(Object.keys(environment).sort()).toEqual(['COUCHDB_URL_FILE', 'HOME', 'PICTOR_ENROLL_FILE'])
  expect(readSecretFiles({ PICTOR_SECRET_FILE: join(folder, 'none') })?.error.code).toBe('CONFIG_MALFORMED')
  rmSync(folder, { recursive: true })
})
