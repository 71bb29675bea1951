import { expect, it } from 'vitest'
import { outsideArchive } from './outsideArchive.ts'

it.each([
  [
    '/opt/Pictor Worker/resources/app.asar/out/node/assets/demo.blend',
    '/opt/Pictor Worker/resources/app.asar.unpacked/out/node/assets/demo.blend',
  ],
  ['C:\\Pictor\\resources\\app.asar\\out\\demo.blend', 'C:\\Pictor\\resources\\app.asar.unpacked\\out\\demo.blend'],
  ['/home/ada/app.asar.unpacked/demo.blend', '/home/ada/app.asar.unpacked/demo.blend'],
  ['/home/ada/my-app.asar/demo.blend', '/home/ada/my-app.asar/demo.blend'],
  ['/home/ada/build/demo/demo.blend', '/home/ada/build/demo/demo.blend'],
])('%s', (path, outside) => expect(outsideArchive(path)).toBe(outside))
