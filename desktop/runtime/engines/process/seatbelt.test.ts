import { describe, expect, test } from 'vitest'
import { bundleOf, seatbeltProfile } from './seatbelt.ts'

/** Written after public descriptions of the rules; no macOS was at hand, so it is only looked at here. */
const access = { readOnly: ['/Users/ann/scenes'], writable: ['/private/tmp/work "1"'], display: false, hidden: ['/Users/ann/data'] }
const lines = (text: string) => text.split('\n')

describe('rules for sandbox-exec', () => {
  const rules = lines(seatbeltProfile(access, ['/Applications/Blender.app'], '/Users/ann'))

  test('no network, no other programs, and nothing is written but the job', () => {
    expect(rules).toEqual(expect.arrayContaining(['(deny network*)', '(deny lsopen)', '(deny appleevent-send)', '(deny file-write*)']))
    const [denied, allowed] = [
      rules.indexOf('(deny file-write*)'),
      rules.indexOf('(allow file-write* (subpath "/private/tmp/work \\"1\\""))'),
    ]
    // The last rule that fits counts.
    expect(allowed).toBeGreaterThan(denied)
    expect(rules.filter((rule) => rule.startsWith('(allow file-write*'))).toHaveLength(3)
  })

  test('files of persons are hidden, but for the scene and the program', () => {
    const denied = rules.findIndex((rule) => rule.startsWith('(deny file-read*'))
    expect(rules[denied]).toMatch(/\(subpath "\/Users"\).*\(subpath "\/Volumes"\).*\(subpath "\/Users\/ann\/data"\)/)
    expect(rules.indexOf('(allow file-read* (subpath "/Users/ann/scenes"))')).toBeGreaterThan(denied)
  })

  test('a look into a scene of ones own sees all files but keys and the data folder, also when the scene lies beside them', () => {
    const wide = lines(seatbeltProfile({ ...access, view: 'disk', readOnly: ['/Users/ann', '/Users/ann/data/staged'] }, [], '/Users/ann'))
    const denied = wide.find((rule) => rule.startsWith('(deny file-read*')) ?? ''
    expect(denied).not.toContain('(subpath "/Users") ')
    expect(denied).toContain('(subpath "/Users/ann/.ssh")')
    expect(wide).toContain('(allow file-read* (subpath "/Users/ann/data/staged"))')
    expect(wide.join('\n')).not.toContain('(subpath "/Users/ann"))')
  })

  test('brackets are even, so that it can be read at all', () => {
    const bare = rules.join('').replace(/#?"(\\.|[^"\\])*"/g, '')
    expect(bare.match(/\(/g)?.length).toBe(bare.match(/\)/g)?.length)
  })

  test('a program brings its application', () => {
    expect(bundleOf('/Users/ann/Blender.app/Contents/MacOS/Blender')).toBe('/Users/ann/Blender.app')
    expect(bundleOf('/opt/blender/blender')).toBe('/opt/blender')
  })
})
