import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { ImageFormat } from '#shared/images/frameExpectation.ts'
import type { SceneInfo } from '#shared/collections/job.schema.ts'
import { durations } from '#shared/durations.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { linkedFilesScript } from '../blender/scripts/linkedFilesScript.ts'
import { rewriteScript } from '../blender/scripts/rewriteScript.ts'
import { runScript } from '../blender/runScript.ts'
import type { EngineSoftware } from '../engine.ts'
import type { Containment } from '../process/containment.ts'
import { chooseBlender } from '../scene/chooseBlender.ts'
import { walkScene } from '../scene/walkScene.ts'
import { planBundle, type BundlePlan, type PlacedFile } from './bundlePlan.ts'
import { inspectScene, type InspectedScene, type LinkedFile } from './inspectScene.ts'

export interface PreparedScene {
  /** The scene to send: the original, or a copy in the given folder whose links point into the bundle. Keep its name. */
  blendPath: string
  /** What it links to. `relativePath` is relative to the folder that the scene will stand in. */
  extraFiles: BundledFile[]
  info: SceneInfo
  scene: InspectedScene
}

interface BundledFile {
  path: string
  relativePath: string
  sha256: string
  sizeBytes: number
}

export interface PrepareOptions {
  containment: Containment
  scenePath: string
  /** For the copy, if one is needed. Made if missing; the caller removes it after sending. */
  workFolder: string
  blenders: readonly EngineSoftware[]
  /** Send the scene although some of its files are missing. */
  allowMissing?: boolean
  signal?: AbortSignal
}

const fileLimit = 10_000

/**
 * Makes a scene ready to travel: checks it, asks Blender what it links to, and decides where each file goes (docs/decisions/0003).
 * Errors: SCENE_NOT_FOUND, SCENE_NOT_BLEND, SCENE_TRUNCATED, BLENDER_NOT_FOUND, SCENE_NEWER_THAN_BLENDER, SCENE_NO_CAMERA,
 * SCENE_MISSING_FILES {files}, SCENE_LIBRARY_ABSOLUTE {library, files}, FILE_TOO_LARGE, and what `inspectScene` reports.
 */
export async function prepareScene(options: PrepareOptions): Promise<Result<PreparedScene>> {
  const scenePath = resolve(options.scenePath)
  const header = await walkScene(scenePath)
  if (!header.ok) return header
  const blender = chooseBlender(header.value.version, options.blenders)
  if (!blender.ok) return blender
  const inspection = await inspectScene(scenePath, blender.value, options.containment, options.signal)
  if (!inspection.ok) return inspection
  const { scene, files } = inspection.value
  if (!scene.camera) return err(appError('SCENE_NO_CAMERA'))
  const missing = [...new Set(files.filter((file) => !file.exists && !file.packed).map((file) => file.path))]
  if (missing.length > 0 && !options.allowMissing) return err(appError('SCENE_MISSING_FILES', { files: missing.slice(0, 100) }))

  const plan = planBundle(slashes(dirname(scenePath)), await expandFolders(files.filter((file) => file.exists && !file.packed)))
  if (plan.places.size > fileLimit)
    return err(appError('REQUEST_INVALID', { reason: `the scene links to ${plan.places.size} files, at most ${fileLimit} are taken` }))
  const absolute = plan.absoluteInLibrary[0]
  if (absolute) {
    const names = plan.absoluteInLibrary.filter(({ library }) => library === absolute.library).map(({ path }) => path)
    return err(appError('SCENE_LIBRARY_ABSOLUTE', { library: absolute.library ?? '', files: names.slice(0, 100) }))
  }
  const blendPath = await rewriteIfNeeded(scenePath, plan, blender.value, options)
  if (!blendPath.ok) return blendPath
  const version = plan.links.size === 0 ? header.value.version : blender.value.version.split('.').slice(0, 2).join('.')
  return ok({ blendPath: blendPath.value, extraFiles: await hashAll(plan), info: sceneInfo(scene, version), scene })
}

/** Folders (caches) travel file by file, but keep together: the link names the folder. */
async function expandFolders(files: readonly LinkedFile[]): Promise<PlacedFile[]> {
  const found = await Promise.all(
    files.map(async (file): Promise<PlacedFile[]> => {
      const root = slashes(file.path)
      const library = file.library === null ? null : slashes(file.library)
      if (!file.directory) return [{ ...file, path: root, root, library }]
      const inside = await readdir(file.path, { recursive: true, withFileTypes: true })
      const names = inside.filter((entry) => entry.isFile()).map((entry) => slashes(join(entry.parentPath, entry.name)))
      return names.map((path) => ({ ...file, path, root, library }))
    }),
  )
  return found.flat()
}

async function rewriteIfNeeded(
  scenePath: string,
  plan: BundlePlan,
  blender: EngineSoftware,
  options: PrepareOptions,
): Promise<Result<string>> {
  if (plan.links.size === 0) return ok(scenePath)
  await mkdir(options.workFolder, { recursive: true })
  const target = join(resolve(options.workFolder), basename(scenePath))
  const saved = await runScript({
    containment: options.containment,
    writable: [dirname(target)],
    program: blender.path,
    blenderVersion: blender.version,
    scenePath,
    scripts: [linkedFilesScript, rewriteScript],
    config: { target, links: Object.fromEntries(plan.links) },
    timeoutMs: durations.inspectTimeoutMs,
    ...(options.signal ? { signal: options.signal } : {}),
  })
  return saved.ok ? ok(target) : saved
}

async function hashAll(plan: BundlePlan): Promise<BundledFile[]> {
  const files: BundledFile[] = []
  for (const [path, relativePath] of plan.places) files.push({ path, relativePath, ...(await hashFile(path)) })
  return files.sort((a, b) => (a.relativePath < b.relativePath ? -1 : 1))
}

async function hashFile(path: string): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(piece as Buffer)
  return { sha256: hash.digest('hex'), sizeBytes: (await stat(path)).size }
}

const pictures: readonly ImageFormat[] = ['PNG', 'JPEG', 'OPEN_EXR', 'OPEN_EXR_MULTILAYER', 'TIFF']

/** What the job's document says of the scene; the format is the one that nodes will render in. */
function sceneInfo(scene: InspectedScene, blenderVersion: string): SceneInfo {
  const { engine, width, height, samples, denoiser, layerSamples, crop, views } = scene
  const format = pictures.find((one) => one === scene.format) ?? (['HDR', 'CINEON', 'DPX'].includes(scene.format) ? 'OPEN_EXR' : 'PNG')
  return {
    ...{ blenderVersion, engine, width, height, format, wantsDenoiser: denoiser },
    ...(samples === null ? {} : { samples }),
    ...(crop === null ? {} : { crop }),
    ...(views === null ? {} : { views }),
    ...(layerSamples.length === 0 ? {} : { layerSamples: layerSamples.slice(0, layersKept) }),
  }
}

/** As many as a job's document holds. */
const layersKept = 200

const slashes = (path: string) => (process.platform === 'win32' ? path.replaceAll('\\', '/') : path)
