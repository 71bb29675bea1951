import { expect, test } from 'vitest'
import type { SearchPlace } from './candidates.ts'
import { findOtherPrograms } from './otherPrograms.ts'

const look = async (platform: NodeJS.Platform, paths: readonly string[], environment: SearchPlace['environment'] = {}) => {
  const separator = platform === 'win32' ? '\\' : '/'
  const files = {
    list: async (folder: string) => {
      const inside = folder.endsWith(separator) ? folder : folder + separator
      const names = paths.filter((path) => path.startsWith(inside)).map((path) => path.slice(inside.length).split(separator)[0] ?? '')
      return [...new Set(names)]
    },
    isFile: async (path: string) => paths.includes(path),
  }
  const found = await findOtherPrograms({ platform, environment, homeFolder: '/home/ann' }, files)
  return found.map(({ kind, version }) => `${kind} ${version}`)
}

test('Windows: where the installers put them, in both folders of programs', async () => {
  const environment = { ProgramFiles: 'C:\\Program Files', 'ProgramFiles(x86)': 'C:\\Program Files (x86)' }
  const paths = [
    'C:\\Program Files\\Autodesk\\Maya2024\\bin\\maya.exe',
    'C:\\Program Files\\Autodesk\\Maya2025\\bin\\maya.exe',
    'C:\\Program Files\\Autodesk\\3ds Max 2025\\3dsmax.exe',
    'C:\\Program Files\\Maxon Cinema 4D 2024\\Cinema 4D.exe',
    'C:\\Program Files\\Maxon Cinema 4D R26\\Cinema 4D.exe',
    'C:\\Program Files\\Side Effects Software\\Houdini 20.0.547\\bin\\houdini.exe',
    'C:\\Program Files\\Epic Games\\UE_5.4\\Engine\\Binaries\\Win64\\UnrealEditor.exe',
    'C:\\Program Files\\Unity\\Hub\\Editor\\2022.3.10f1\\Editor\\Unity.exe',
    'C:\\Program Files\\Foundry\\Modo\\17.0v1\\modo.exe',
    // What is left behind by an uninstaller is no program.
    'C:\\Program Files\\Autodesk\\Maya2023\\readme.txt',
  ]
  expect(await look('win32', paths, environment)).toEqual([
    ...['maya 2025', 'maya 2024', '3dsmax 2025', 'cinema4d 2024', 'cinema4d 26'],
    ...['houdini 20.0.547', 'unreal 5.4', 'unity 2022.3.10f1', 'modo 17.0v1'],
  ])
})

test('macOS: inside of bundles', async () => {
  const paths = [
    '/Applications/Autodesk/maya2025/Maya.app/Contents/MacOS/Maya',
    '/Applications/Maxon Cinema 4D 2025/Cinema 4D.app/Contents/MacOS/Cinema 4D',
    '/Applications/Houdini/Houdini20.5.278/Frameworks/Houdini.framework/Versions/Current/Resources/bin/hython',
    '/Users/Shared/Epic Games/UE_5.3/Engine/Binaries/Mac/UnrealEditor.app/Contents/MacOS/UnrealEditor',
  ]
  expect(await look('darwin', paths)).toEqual(['maya 2025', 'cinema4d 2025', 'houdini 20.5.278', 'unreal 5.3'])
})

test('Linux: one program by its two names counts once, and an unknown version is said as such', async () => {
  const paths = [
    '/usr/autodesk/maya2024/bin/maya',
    '/opt/hfs20.0.547/bin/houdini',
    '/opt/hfs20.0.547/bin/hython',
    '/opt/maxon/cinema4dr2024.200/bin/Commandline',
    '/home/ann/UnrealEngine/Engine/Binaries/Linux/UnrealEditor',
    '/opt/Katana7.0v1/katana',
  ]
  expect(await look('linux', paths)).toEqual(['maya 2024', 'cinema4d 2024.200', 'houdini 20.0.547', 'unreal ', 'katana 7.0v1'])
})

test('a computer without any, and one on which nothing may be read', async () => {
  expect(await look('linux', [])).toEqual([])
  expect(await look('win32', [], {})).toEqual([])
})
