import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'
import type { NodeDocument } from '#shared/collections/node.schema.ts'
import { compareVersions } from '#shared/rules/compareVersions.ts'
import type { FileLookup, SearchPlace } from './candidates.ts'
import { expandPattern } from './expandPattern.ts'
import { nodeFiles } from './nodeFiles.ts'

type FoundProgram = NodeDocument['software'][number]
type Platform = 'win32' | 'darwin' | 'linux'

interface ProgramPlace {
  kind: string
  /** Patterns of the program itself, by system; `{programs}` is each folder of programs on Windows, `{home}` the user's. */
  places: Partial<Record<Platform, readonly string[]>>
  /** Finds the version in the path; makers write it into the folder. */
  version: RegExp
}

/**
 * 3D programs beside Blender, where their installers put them. They are shown, and are what a later engine would stand on; nothing renders with
 * them. Blender is found by `candidates.ts`, which also looks where people put it.
 */
const known: readonly ProgramPlace[] = [
  {
    kind: 'maya',
    places: {
      win32: ['{programs}\\Autodesk\\Maya*\\bin\\maya.exe'],
      darwin: ['/Applications/Autodesk/maya*/Maya.app/Contents/MacOS/Maya'],
      linux: ['/usr/autodesk/maya*/bin/maya', '/opt/autodesk/maya*/bin/maya'],
    },
    version: /[\\/]maya(\d{4}(?:\.\d+)?)[\\/]/i,
  },
  { kind: '3dsmax', places: { win32: ['{programs}\\Autodesk\\3ds Max *\\3dsmax.exe'] }, version: /3ds Max (\d{4}(?:\.\d+)?)/i },
  {
    kind: 'cinema4d',
    places: {
      win32: ['{programs}\\Maxon Cinema 4D *\\Cinema 4D.exe', '{programs}\\Maxon\\Cinema 4D *\\Cinema 4D.exe'],
      darwin: ['/Applications/Maxon Cinema 4D */Cinema 4D.app/Contents/MacOS/Cinema 4D'],
      linux: ['/opt/maxon/cinema4dr*/bin/Commandline', '/opt/maxon/cinema4d*/bin/Commandline'],
    },
    version: /cinema ?4d ?r?(\d{2,4}(?:\.\d+)*)/i,
  },
  {
    kind: 'houdini',
    places: {
      win32: ['{programs}\\Side Effects Software\\Houdini *\\bin\\houdini.exe'],
      darwin: [
        '/Applications/Houdini/Houdini*/Houdini FX *.app/Contents/MacOS/houdini',
        '/Applications/Houdini/Houdini*/Frameworks/Houdini.framework/Versions/Current/Resources/bin/hython',
      ],
      linux: ['/opt/hfs*/bin/houdini', '/opt/hfs*/bin/hython'],
    },
    version: /(?:houdini ?|hfs)(\d+(?:\.\d+)+)/i,
  },
  {
    kind: 'unreal',
    places: {
      win32: ['{programs}\\Epic Games\\UE_*\\Engine\\Binaries\\Win64\\UnrealEditor.exe'],
      darwin: ['/Users/Shared/Epic Games/UE_*/Engine/Binaries/Mac/UnrealEditor.app/Contents/MacOS/UnrealEditor'],
      linux: ['/opt/unreal-engine*/Engine/Binaries/Linux/UnrealEditor', '{home}/UnrealEngine*/Engine/Binaries/Linux/UnrealEditor'],
    },
    version: /(?:UE_|unreal-?engine[-_ ]?)(\d+(?:\.\d+)+)/i,
  },
  {
    kind: 'unity',
    places: {
      win32: ['{programs}\\Unity\\Hub\\Editor\\*\\Editor\\Unity.exe'],
      darwin: ['/Applications/Unity/Hub/Editor/*/Unity.app/Contents/MacOS/Unity'],
      linux: ['{home}/Unity/Hub/Editor/*/Editor/Unity'],
    },
    version: /[\\/]Editor[\\/](\d+\.\d+\.\d+[a-z0-9]*)[\\/]/i,
  },
  {
    kind: 'modo',
    places: {
      win32: ['{programs}\\Foundry\\Modo\\*\\modo.exe'],
      darwin: ['/Applications/Modo*.app/Contents/MacOS/modo'],
      linux: ['/opt/modo*/modo', '/usr/local/modo*/modo'],
    },
    version: /modo[\\/]?(\d+(?:\.\d+)+(?:v\d+)?)/i,
  },
  {
    kind: 'katana',
    places: { win32: ['{programs}\\Katana*\\bin\\katanaBin.exe'], linux: ['/opt/Katana*/katana', '/usr/local/Katana*/katana'] },
    version: /katana(\d+\.\d+(?:v\d+)?)/i,
  },
]

/** At most so many are kept: some people have every version since 2015. */
const most = 60

/** All of them in their usual places, by kind, newest first. Nothing is started. An unknown version is empty. */
export async function findOtherPrograms(
  place: Omit<SearchPlace, 'chosen'> = { platform: process.platform, environment: process.env, homeFolder: homedir() },
  files: Pick<FileLookup, 'list' | 'isFile'> = nodeFiles,
): Promise<FoundProgram[]> {
  const { platform, environment, homeFolder } = place
  const path = platform === 'win32' ? win32 : posix
  const folders = [...new Set([environment['ProgramFiles'], environment['ProgramW6432'], environment['ProgramFiles(x86)']])].filter(
    (folder) => folder !== undefined && folder !== '',
  )
  const found: FoundProgram[] = []
  for (const { kind, places, version } of known) {
    const patterns = (places[platform as Platform] ?? []).flatMap((pattern) =>
      pattern.includes('{programs}')
        ? folders.map((folder) => pattern.replace('{programs}', folder ?? ''))
        : [pattern.replace('{home}', homeFolder)],
    )
    const versions = new Map<string, string>()
    for (const pattern of patterns)
      for (const program of await expandPattern(pattern, path, files)) {
        const number = version.exec(program)?.[1] ?? ''
        if (!versions.has(number) && (await files.isFile(program))) versions.set(number, program)
      }
    for (const [number, program] of [...versions].sort(([a], [b]) => compareVersions(b, a)))
      found.push({ kind, version: number, path: program, engines: [], devices: [], denoisers: [] })
  }
  return found.slice(0, most)
}
