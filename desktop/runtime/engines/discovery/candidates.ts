import { posix, win32 } from 'node:path'
import { expandPattern } from './expandPattern.ts'

/** The little of a file system that the search needs; injected, so that every system's layout can be tested on any. */
export interface FileLookup {
  /** Names in a folder; an empty list when it is not there or may not be read. */
  list(folder: string): Promise<string[]>
  isFile(path: string): Promise<boolean>
  /** The file behind links; the path itself when it cannot be told. */
  realPath(path: string): Promise<string>
}

export interface SearchPlace {
  platform: NodeJS.Platform
  environment: Record<string, string | undefined>
  homeFolder: string
  /** Programs or folders the user named in the settings; looked at first. */
  chosen: readonly string[]
}

/**
 * All Blender programs in the usual places, each once, in the order chosen, PATH, installed. Nothing is started:
 * whether one works is for the probe to say.
 */
export async function findCandidates(place: SearchPlace, files: FileLookup): Promise<string[]> {
  const path = place.platform === 'win32' ? win32 : posix
  const programs: string[] = []
  for (const entry of place.chosen) programs.push(...(await chosenPrograms(entry, place, files)))
  const separator = place.platform === 'win32' ? ';' : ':'
  const pathVariable = place.environment['PATH'] ?? place.environment['Path'] ?? ''
  for (const folder of pathVariable.split(separator)) if (folder !== '') programs.push(path.join(folder, programName(place.platform)))
  for (const pattern of installedPatterns(place)) programs.push(...(await expandPattern(pattern, path, files)))
  return unique(programs, files)
}

const programName = (platform: NodeJS.Platform) => (platform === 'win32' ? 'blender.exe' : 'blender')

/** A setting may name the program, its folder, a macOS bundle, or a folder that holds several versions. */
async function chosenPrograms(entry: string, place: SearchPlace, files: FileLookup): Promise<string[]> {
  if (await files.isFile(entry)) return [entry]
  const path = place.platform === 'win32' ? win32 : posix
  const inside = place.platform === 'darwin' ? ['Contents/MacOS/Blender', '*.app/Contents/MacOS/Blender'] : []
  const name = programName(place.platform)
  const found = await Promise.all([name, `*/${name}`, ...inside].map((pattern) => expandPattern(path.join(entry, pattern), path, files)))
  return found.flat()
}

/** Where installers, stores and people put it. A `*` stands for any characters within one name. */
function installedPatterns({ platform, environment, homeFolder }: SearchPlace): string[] {
  const steam = 'steamapps/common/Blender'
  if (platform === 'win32') {
    const programFiles = [environment['ProgramFiles'], environment['ProgramFiles(x86)'], environment['ProgramW6432']]
    const roots = [...new Set(programFiles.filter((root) => root !== undefined && root !== ''))] as string[]
    const local = environment['LOCALAPPDATA']
    return [
      ...roots.flatMap((root) => [
        `${root}\\Blender Foundation\\*\\blender.exe`,
        `${root}\\Steam\\steamapps\\common\\Blender\\blender.exe`,
        `${root}\\WindowsApps\\BlenderFoundation.Blender*\\Blender\\blender.exe`,
      ]),
      ...(local === undefined ? [] : [`${local}\\Microsoft\\WindowsApps\\blender.exe`, `${local}\\Programs\\Blender*\\blender.exe`]),
      ...['C', 'D', 'E', 'F'].map((drive) => `${drive}:\\SteamLibrary\\steamapps\\common\\Blender\\blender.exe`),
    ]
  }
  if (platform === 'darwin') {
    const bundle = 'Contents/MacOS/Blender'
    return [
      `/Applications/Blender*.app/${bundle}`,
      `/Applications/Blender*/Blender*.app/${bundle}`,
      `${homeFolder}/Applications/Blender*.app/${bundle}`,
      `${homeFolder}/Library/Application Support/Steam/${steam}/Blender.app/${bundle}`,
      '/opt/homebrew/bin/blender',
      '/usr/local/bin/blender',
    ]
  }
  return [
    '/usr/bin/blender',
    '/usr/local/bin/blender',
    '/opt/blender*/blender',
    '/opt/blender*/*/blender',
    `${homeFolder}/blender*/blender`,
    `${homeFolder}/Blender*/blender`,
    `${homeFolder}/blender*/*/blender`,
    `${homeFolder}/.local/bin/blender`,
    '/snap/bin/blender',
    '/var/lib/flatpak/exports/bin/org.blender.Blender',
    `${homeFolder}/.local/share/flatpak/exports/bin/org.blender.Blender`,
    `${homeFolder}/.steam/steam/${steam}/blender`,
    `${homeFolder}/.local/share/Steam/${steam}/blender`,
    `${homeFolder}/.var/app/com.valvesoftware.Steam/.local/share/Steam/${steam}/blender`,
  ]
}

/** Keeps the first way to each program: /usr/bin/blender may link into /opt. Snap's launcher links to snap itself, so links to another name stay. */
async function unique(programs: readonly string[], files: FileLookup): Promise<string[]> {
  const kept = new Map<string, string>()
  for (const program of programs) {
    if (!(await files.isFile(program))) continue
    const real = await files.realPath(program)
    const key = /blender/i.test(real.split(/[\\/]/).at(-1) ?? '') ? real : program
    if (!kept.has(key)) kept.set(key, program)
  }
  return [...kept.values()]
}
