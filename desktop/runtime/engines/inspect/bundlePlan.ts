import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { LinkedFile } from './inspectScene.ts'

/** A linked file; `root` is what the link names: the file itself, or the folder that it is in. */
export type PlacedFile = LinkedFile & { root: string }

export interface BundlePlan {
  /** Absolute path → place in the bundle, relative, forward slashes. The scene itself stands at the root. */
  places: Map<string, string>
  /** Index of a linked file in the scene → what its path must become. */
  links: Map<number, string>
  /** Files that a library names by an absolute path: nobody but its maker can change that. */
  absoluteInLibrary: PlacedFile[]
}

/** Deep enough that a library's own "//../../textures" stays inside its place. */
const depth = 'd/d/d/d'

/**
 * Decides where the linked files of a scene travel, so that as much as possible keeps its path: what lies beside or below the scene
 * stays where it is; what lies elsewhere goes to `_linked/<hash of its folder>` and the scene is pointed there; what a library
 * names relative to itself keeps its place relative to the library. Pure; paths with forward slashes, without packed and missing files.
 */
export function planBundle(sceneFolder: string, files: readonly PlacedFile[]): BundlePlan {
  const inPlace = tryPlan(sceneFolder, files, false)
  return inPlace.escapes ? tryPlan(sceneFolder, files, true) : inPlace
}

function tryPlan(sceneFolder: string, files: readonly PlacedFile[], moveLibraries: boolean): BundlePlan & { escapes: boolean } {
  const plan = {
    places: new Map<string, string>(),
    links: new Map<number, string>(),
    absoluteInLibrary: [] as PlacedFile[],
    escapes: false,
  }
  const fromScene = files.filter((file) => file.library === null)
  for (const file of fromScene) placeOfScene(sceneFolder, file, moveLibraries && file.kind === 'library', plan)
  // Libraries name files and other libraries: as soon as one has its place, what it names can be placed.
  let waiting = files.filter((file) => file.library !== null)
  while (waiting.length > 0) {
    const ready = waiting.filter((file) => plan.places.has(file.library ?? ''))
    if (ready.length === 0) break
    for (const file of ready) placeOfLibrary(file, plan)
    waiting = waiting.filter((file) => !ready.includes(file))
  }
  return plan
}

function placeOfScene(sceneFolder: string, file: PlacedFile, mustMove: boolean, plan: BundlePlan): void {
  const relative = posix.relative(sceneFolder, file.root)
  const inside = relative !== '' && !relative.startsWith('..') && !posix.isAbsolute(relative)
  if (inside && !mustMove) {
    placeUnder(relative, file, plan)
    // "//a/../b.png" resolves to the same file, but only while a exists: written anew, like absolute paths.
    if (!file.raw.startsWith('//') || file.raw.includes('..')) link(plan, file, relative)
    return
  }
  const hash = createHash('sha256').update(posix.dirname(file.root)).digest('hex').slice(0, 8)
  const place = posix.join('_linked', hash, ...(file.kind === 'library' ? [depth] : []), posix.basename(file.root))
  placeUnder(place, file, plan)
  link(plan, file, place)
}

function placeUnder(place: string, file: PlacedFile, plan: BundlePlan): void {
  plan.places.set(file.path, posix.join(place, posix.relative(file.root, file.path)))
}

/** Sequences and tiles: one link stands for many files, so its own name (with digits or a marker) stays and only the folder changes. */
function link(plan: BundlePlan, file: PlacedFile, place: string): void {
  if (!file.canMove) return
  const name = file.raw.split(/[\\/]/).findLast((part) => part !== '') ?? posix.basename(place)
  plan.links.set(file.index, `//${posix.join(posix.dirname(place), name)}`)
}

function placeOfLibrary(file: PlacedFile, plan: BundlePlan & { escapes: boolean }): void {
  if (plan.places.has(file.path)) return
  const library = file.library ?? ''
  // A library inside a library: Blender rewrites its path when it loads, so what its file really says cannot be asked. Relative is the rule.
  if (file.kind !== 'library' && !file.raw.startsWith('//')) {
    plan.absoluteInLibrary.push(file)
    return
  }
  const place = posix.normalize(
    posix.join(posix.dirname(plan.places.get(library) ?? ''), posix.relative(posix.dirname(library), file.path)),
  )
  if (place.startsWith('..') || posix.isAbsolute(place)) plan.escapes = true
  else plan.places.set(file.path, place)
}
