import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { buildParts, outFolder, root, type BuildPart } from './buildParts.ts'
import { withBuildLock } from './buildLock.ts'
import { stampSources, type SourceStamp } from './sourceStamp.ts'

type Say = (line: string) => void

/**
 * Builds what is not built or whose sources changed, into `out/`. Costs a few milliseconds when nothing changed.
 * Several processes may call it at once: one builds, the others wait and find it done. Rejects when a build fails; what stood
 * in `out/` before then stays usable.
 */
export async function ensureBuilt(say: Say, options: { force?: boolean } = {}): Promise<void> {
  if (!options.force && buildParts.every((part) => isFresh(part))) return
  mkdirSync(outFolder, { recursive: true })
  await withBuildLock(async () => {
    for (const part of buildParts) if (options.force || !isFresh(part)) await buildPart(part, say)
  })
}

function isFresh(part: BuildPart): boolean {
  const known = readStamp(part)
  if (!known) return false
  const now = stampSources(root, part.sources)
  if (now.quick === known.quick) return true
  if (now.contents() !== known.contents) return false
  writeStamp(part, { quick: now.quick, contents: known.contents })
  return true
}

async function buildPart(part: BuildPart, say: Say): Promise<void> {
  const started = performance.now()
  say(`building ${part.name} …`)
  // Stamped before building: a file saved meanwhile makes the part stale, never wrongly fresh.
  const stamp = stampSources(root, part.sources)
  const contents = stamp.contents()
  const outDir = `${root}node_modules/.cache/pictor-build/${part.name}`
  await inProduction(() => part.build({ outDir }))
  if (part.name !== 'shell') swapIn(outDir, `${outFolder}/${part.name}`)
  writeStamp(part, { quick: stamp.quick, contents })
  say(`built ${part.name} in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}

/**
 * Vite keeps the NODE_ENV it finds: what a test run builds would be a build for testing, a fifth larger than the one that ships.
 * And its own would stay behind for whoever called us, who hands its environment on to tests and servers.
 */
async function inProduction(build: () => Promise<unknown>): Promise<void> {
  const before = process.env['NODE_ENV']
  process.env['NODE_ENV'] = 'production'
  try {
    await build()
  } finally {
    if (before === undefined) delete process.env['NODE_ENV']
    else process.env['NODE_ENV'] = before
  }
}

/** Built aside and moved in at once, so that running processes never see half a build. */
function swapIn(built: string, target: string): void {
  const old = `${target}.old`
  rmSync(old, { recursive: true, force: true })
  if (existsSync(target)) renameSync(target, old)
  renameSync(built, target)
  rmSync(old, { recursive: true, force: true })
}

const stampPath = (part: BuildPart) => `${outFolder}/.stamp-${part.name}.json`

function readStamp(part: BuildPart): SourceStamp | null {
  try {
    return JSON.parse(readFileSync(stampPath(part), 'utf8')) as SourceStamp
  } catch {
    // Never built, or the stamp was cut off while written: build.
    return null
  }
}

function writeStamp(part: BuildPart, stamp: SourceStamp): void {
  writeFileSync(stampPath(part), JSON.stringify(stamp))
}

if (import.meta.main) {
  await ensureBuilt((line) => process.stderr.write(`${line}\n`), { force: process.argv.includes('--force') })
}
