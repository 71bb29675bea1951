import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { temporaryFolder, type TemporaryFolder } from '../testing/testTools.ts'
import { writeOperatorToken } from './operatorToken.ts'

let folder: TemporaryFolder
beforeEach(() => (folder = temporaryFolder()))
afterEach(() => folder.remove())

test('a file that others may read does not become the new token’s', () => {
  const path = join(folder.path, 'operator.token')
  writeFileSync(path, 'old', { mode: 0o644 })
  const { secret } = writeOperatorToken(folder.path)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readFileSync(path, 'utf8')).toBe(`${secret}\n`)
})

test('a link laid in its place is replaced, not followed', () => {
  const elsewhere = join(folder.path, 'elsewhere')
  writeFileSync(elsewhere, 'mine', { mode: 0o644 })
  symlinkSync(elsewhere, join(folder.path, 'operator.token'))
  writeOperatorToken(folder.path)
  expect(readFileSync(elsewhere, 'utf8')).toBe('mine')
})
