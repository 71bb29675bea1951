import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'

const source = 'desktop/renderer/assets/mark.svg'

/** What each tray icon says by its colour; the shape is the same. */
const trayColours = { working: '#5b5bd6', ready: '#2f9e6e', held: '#8b8d98', problem: '#e5484d' } as const

/**
 * The mark as a PNG of the size. With a background it is drawn smaller on it, for systems that cut icons into shapes of their own.
 */
export async function drawIcon(mark: string, size: number, on?: { background: string; share: number }): Promise<Buffer> {
  const inner = Math.round(size * (on?.share ?? 1))
  const drawn = await sharp(Buffer.from(mark), { density: 72 * Math.max(1, inner / 24) })
    .resize(inner, inner)
    .png()
    .toBuffer()
  if (on === undefined) return drawn
  return sharp({ create: { width: size, height: size, channels: 4, background: on.background } })
    .composite([{ input: drawn, gravity: 'centre' }])
    .png()
    .toBuffer()
}

/** The sizes that desktops of Linux look for in an icon theme. */
const linuxSizes = [16, 24, 32, 48, 64, 128, 256, 512] as const

/** Makes all icons from the one drawing of the mark: the app's (electron-builder makes .ico and .icns of it), the same in the sizes of Linux, and those of the tray. */
export async function makeIcons(root: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const mark = readFileSync(join(root, source), 'utf8')
  const draw = async (svg: string, size: number, name: string) => writeFileSync(join(folder, `${name}.png`), await drawIcon(svg, size))
  await draw(mark, 1024, 'app')
  mkdirSync(join(folder, 'linux'), { recursive: true })
  for (const size of linuxSizes) await draw(mark, size, `linux/${size}x${size}`)
  for (const [name, colour] of Object.entries(trayColours)) {
    const svg = mark.replace('#5b5bd6', colour)
    await draw(svg, 16, `tray-${name}`)
    await draw(svg, 32, `tray-${name}@2x`)
  }
}
