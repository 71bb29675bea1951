import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planBundle, type PlacedFile } from './bundlePlan.ts'

let index = 0
const file = (path: string, more: Partial<PlacedFile> = {}): PlacedFile => ({
  index: index++,
  kind: 'image',
  raw: path,
  path,
  root: path,
  packed: false,
  exists: true,
  directory: false,
  library: null,
  canMove: true,
  owner: 'x',
  ...more,
})
const plan = (files: PlacedFile[]) => planBundle('/proj/shot', files)

describe('planBundle', () => {
  test('what lies beside the scene keeps its path, and the scene is not touched', () => {
    const { places, links } = plan([file('/proj/shot/tex/wood.png', { raw: '//tex/wood.png' })])
    expect(Object.fromEntries(places)).toEqual({ '/proj/shot/tex/wood.png': 'tex/wood.png' })
    expect(links.size).toBe(0)
  })

  test('an absolute path to the same place is made relative', () => {
    const one = file('/proj/shot/tex/wood.png')
    expect(plan([one]).links.get(one.index)).toBe('//tex/wood.png')
  })

  test('what lies elsewhere moves into a folder of its own', () => {
    const [one, two] = [file('/proj/tex/wood.png', { raw: '//../tex/wood.png' }), file('/home/a/wood.png')]
    const { places, links } = plan([one, two])
    expect(places.get(one.path)).toMatch(/^_linked\/[0-9a-f]{8}\/wood\.png$/)
    expect(links.get(one.index)).toBe(`//${places.get(one.path) ?? ''}`)
    expect(places.get(one.path)).not.toBe(places.get(two.path))
  })

  test('a sequence moves together under its own name', () => {
    const files = [1, 2].map((number) => file(`/seq/f_000${number}.png`, { index: 99, raw: '/seq/f_0001.png' }))
    const { places, links } = plan(files)
    expect(links.get(99)).toMatch(/^\/\/_linked\/[0-9a-f]{8}\/f_0001\.png$/)
    expect(new Set([...places.values()].map((place) => place.slice(0, 16))).size).toBe(1)
  })

  test('a cache folder moves as a whole', () => {
    const one = file('/caches/fluid/data/a.vdb', { raw: '/caches/fluid/', root: '/caches/fluid', directory: true })
    const { places, links } = plan([one])
    expect(places.get(one.path)).toMatch(/^_linked\/[0-9a-f]{8}\/fluid\/data\/a\.vdb$/)
    expect(links.get(one.index)).toMatch(/^\/\/_linked\/[0-9a-f]{8}\/fluid$/)
  })

  test('what a library names keeps its place beside the library', () => {
    const library = file('/proj/shot/lib/props.blend', { kind: 'library', raw: '//lib/props.blend' })
    const inside = file('/proj/shot/lib/tex/a.png', { library: library.path, raw: '//tex/a.png', canMove: false })
    const { places, links } = plan([library, inside])
    expect(places.get(inside.path)).toBe('lib/tex/a.png')
    expect(links.size).toBe(0)
  })

  test('a library whose files lie above the scene moves so deep that they fit', () => {
    const library = file('/proj/shot/props.blend', { kind: 'library', raw: '//props.blend' })
    const above = file('/proj/tex/a.png', { library: library.path, raw: '//../tex/a.png', canMove: false })
    const second = file('/proj/more/other.blend', { kind: 'library', library: library.path, raw: '//../more/other.blend', canMove: false })
    const { places, links } = plan([second, above, library])
    expect(places.get(library.path)).toMatch(/^_linked\/[0-9a-f]{8}\/d\/d\/d\/d\/props\.blend$/)
    expect(places.get(above.path)).toMatch(/^_linked\/[0-9a-f]{8}\/d\/d\/d\/tex\/a\.png$/)
    expect(places.get(second.path)).toMatch(/\/d\/d\/d\/more\/other\.blend$/)
    expect(links.get(library.index)).toBe(`//${places.get(library.path) ?? ''}`)
  })

  test('absolute paths inside a library are named, because only its maker can change them', () => {
    const library = file('/lib/props.blend', { kind: 'library' })
    const inside = file('/lib/a.png', { library: library.path })
    expect(plan([library, inside]).absoluteInLibrary).toEqual([inside])
  })

  test('no place ever leaves the bundle, and no two files share one', () => {
    const name = fc.stringMatching(/^[a-c]{1,2}$/)
    const path = fc.array(name, { minLength: 1, maxLength: 6 }).map((parts) => `/${parts.join('/')}`)
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 20 }), (paths) => {
        const { places } = planBundle(
          '/a/b',
          paths.map((one) => file(`${one}.png`)),
        )
        const found = [...places.values()]
        expect(found.every((place) => !place.startsWith('/') && !place.split('/').includes('..'))).toBe(true)
        expect(new Set(found).size).toBe(paths.length)
      }),
    )
  })
})
