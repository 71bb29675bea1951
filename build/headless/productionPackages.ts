import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface PackageSystem {
  os: string
  cpu: string
}

interface PackageFacts {
  os?: string[]
  cpu?: string[]
  libc?: string[]
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

/**
 * The folders of all packages that `wanted` need at run time on a system, themselves included, each relative to `root`
 * (`node_modules/a`, `node_modules/a/node_modules/b`). Optional packages of other systems are left out. Throws when a needed one is not installed.
 */
export function productionPackages(root: string, wanted: readonly string[], system: PackageSystem): string[] {
  const found = new Set<string>()
  const visit = (name: string, from: string, optional: boolean): void => {
    const folder = resolve(root, name, from)
    if (folder === null) {
      if (optional) return
      throw new Error(`${name}, which ${from === '' ? 'the bundles' : from} need, is not installed`)
    }
    if (found.has(folder)) return
    const facts = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as PackageFacts
    if (!fits(facts, system)) return
    found.add(folder)
    const optionals = facts.optionalDependencies ?? {}
    for (const dependency of Object.keys(facts.dependencies ?? {})) visit(dependency, folder, dependency in optionals)
    for (const dependency of Object.keys(optionals)) visit(dependency, folder, true)
  }
  for (const name of wanted) visit(name, '', false)
  return [...found].sort()
}

/** As Node looks for it: in the node_modules of the asking package, then further up. */
function resolve(root: string, name: string, from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(root, candidate, 'package.json'))) return candidate
    if (folder === '' || folder === '.') return null
  }
}

function fits({ os, cpu, libc }: PackageFacts, system: PackageSystem): boolean {
  return listed(os, system.os) && listed(cpu, system.cpu) && (system.os !== 'linux' || listed(libc, 'glibc'))
}

/** npm's lists may also forbid: `!win32`. */
function listed(names: readonly string[] | undefined, name: string): boolean {
  if (names === undefined) return true
  if (names.includes(`!${name}`)) return false
  return names.includes(name) || names.every((each) => each.startsWith('!'))
}
