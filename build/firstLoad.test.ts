import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from './ensureBuilt.ts'
import { outFolder } from './buildParts.ts'

interface Chunk {
  file: string
  isEntry?: boolean
  imports?: string[]
  dynamicImports?: string[]
}

const kilobyte = 1_000
/** What a first visit loads before it paints: the page's entry, the dashboard, its first page, and one language. */
const beforeFirstPaint = ['index.html', 'frame/Dashboard.vue', 'pages/overview/OverviewPage.vue', 'words/es.ts']
const wholeBuildMs = 600_000
let manifest: Record<string, Chunk>

beforeAll(async () => {
  await ensureBuilt(() => undefined)
  manifest = JSON.parse(readFileSync(`${outFolder}/renderer/build-manifest.json`, 'utf8')) as typeof manifest
}, wholeBuildMs)

const read = (file: string) => readFileSync(`${outFolder}/renderer/${file}`)

/** Everything the chunk and what it imports at once need. */
function loadedWith(key: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[key]
  if (!chunk || seen.has(key)) return seen
  seen.add(key)
  for (const next of chunk.imports ?? []) loadedWith(next, seen)
  return seen
}

test('a first visit loads at most 350 kB of compressed script before it paints', () => {
  const keys = new Set(beforeFirstPaint.flatMap((key) => [...loadedWith(key)]))
  // Were a file renamed, this would measure nothing.
  for (const key of beforeFirstPaint) expect(manifest[key]).toBeDefined()
  const scripts = new Set([...keys].map((key) => manifest[key]?.file ?? '').filter((file) => file.endsWith('.js')))
  const bytes = [...scripts].reduce((sum, file) => sum + gzipSync(read(file)).length, 0)
  expect(bytes).toBeGreaterThan(100 * kilobyte)
  expect(bytes).toBeLessThanOrEqual(350 * kilobyte)
  // Charts are for those who look at them.
  expect([...scripts].filter((file) => file.includes('TimeChart'))).toEqual([])
})

test('the service worker keeps exactly the files of its build, in one version, and its manifest names icons that are there', () => {
  const worker = read('service-worker.js').toString('utf8')
  const listed = /\{"version":"([0-9a-f]{16})","files":(\[[^\]]*\])\}/.exec(worker)
  const files = JSON.parse(listed?.[2] ?? '[]') as string[]
  expect(files).toContain('index.html')
  for (const file of files) expect(read(file).length).toBeGreaterThan(0)
  for (const { file } of Object.values(manifest)) if (file !== 'service-worker.js') expect(files).toContain(file)
  expect(files.some((file) => file.endsWith('.map') || file === 'service-worker.js')).toBe(false)
  const web = JSON.parse(read('manifest.webmanifest').toString('utf8')) as { icons: { src: string }[]; start_url: string }
  for (const { src } of web.icons) expect(files).toContain(src.replace('./', ''))
  expect(web.icons.length).toBeGreaterThanOrEqual(3)
})
