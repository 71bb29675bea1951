import fc from 'fast-check'
import { expect, it } from 'vitest'
import { channelTakes, compareVersions, isReleaseVersion } from './version.ts'

const version = fc
  .tuple(fc.nat(20), fc.nat(20), fc.nat(20), fc.option(fc.nat(20), { nil: null }))
  .map(([major, minor, patch, beta]) => `${major}.${minor}.${patch}${beta === null ? '' : `-beta.${beta}`}`)

it('orders versions, betas before the version itself', () => {
  const sorted = ['0.9.9', '1.0.0-beta.2', '1.0.0-beta.10', '1.0.0', '1.0.1', '1.10.0', '2.0.0-beta.0', '2.0.0']
  expect([...sorted].reverse().sort(compareVersions)).toEqual(sorted)
})

it('is an order: the same both ways round, and equal only for the same text', () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0)
      expect(compareVersions(a, b) === 0).toBe(a === b)
    }),
  )
})

it.each(['1.2', '1.2.3.4', 'v1.2.3', '01.2.3', '1.2.3-alpha.1', '1.2.3-beta', '1.2.3+build', '', '1.2.3\n', '1.2.1234567'])(
  'does not take %j for a version',
  (text) => {
    expect(isReleaseVersion(text)).toBe(false)
    expect(() => compareVersions(text, '1.0.0')).toThrow('not a version')
  },
)

it('keeps betas away from who did not ask for them', () => {
  expect(channelTakes('latest', '1.0.0-beta.1')).toBe(false)
  expect(channelTakes('beta', '1.0.0-beta.1')).toBe(true)
  expect(channelTakes('beta', '1.0.0')).toBe(true)
})
