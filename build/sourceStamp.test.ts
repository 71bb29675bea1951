import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { stampSources } from './sourceStamp.ts'

let root = ''
const write = (path: string, text: string) => writeFileSync(join(root, path), text)
const stamp = (...sources: string[]) => {
  const { quick, contents } = stampSources(root, sources)
  return { quick, contents: contents() }
}
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pictor-stamp-'))
  mkdirSync(join(root, 'a/b'), { recursive: true })
  write('a/one.ts', '1')
  write('a/b/two.py', '2')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

it('is the same while nothing changes', () => {
  expect(stamp('a')).toEqual(stamp('a'))
})

it('tells a touched file from a changed one', () => {
  const before = stamp('a')
  utimesSync(join(root, 'a/one.ts'), 1, 1)
  const touched = stamp('a')
  expect(touched.quick).not.toBe(before.quick)
  expect(touched.contents).toBe(before.contents)
  write('a/b/two.py', '3')
  expect(stamp('a').contents).not.toBe(before.contents)
})

it('notices new, renamed and removed files', () => {
  const before = stamp('a', 'not-there')
  write('a/three.ts', '')
  const added = stamp('a', 'not-there')
  expect(added.contents).not.toBe(before.contents)
  rmSync(join(root, 'a/three.ts'))
  expect(stamp('a', 'not-there').contents).toBe(before.contents)
})

it('does not care for tests, which are not part of what is built', () => {
  const before = stamp('a')
  write('a/one.test.ts', 'x')
  mkdirSync(join(root, 'a/fixtures'))
  write('a/fixtures/x.txt', 'x')
  expect(stamp('a')).toEqual(before)
})
