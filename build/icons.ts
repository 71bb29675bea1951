import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'

const source = 'desktop/renderer/assets/mark.svg'

/** What each tray icon says by its colour; the shape is the same. */
const trayColours = { working: '#5b5bd6', ready: '#2f9e6e', held: '#8b8d98', problem: '#e5484d' } as const

/** Makes all icons from the one drawing of the mark: the app's (electron-builder makes .ico and .icns of it) and those of the tray. */
export async function makeIcons(root: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const mark = readFileSync(join(root, source), 'utf8')
  const draw = (svg: string, size: number, name: string) =>
    sharp(Buffer.from(svg), { density: 72 * Math.max(1, size / 24) })
      .resize(size, size)
      .png()
      .toFile(join(folder, `${name}.png`))
  await draw(mark, 1024, 'app')
  for (const [name, colour] of Object.entries(trayColours)) {
    const svg = mark.replace('#5b5bd6', colour)
    await draw(svg, 16, `tray-${name}`)
    await draw(svg, 32, `tray-${name}@2x`)
  }
}
