import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What stands at the beginning of an AppImage made with the stand-ins, in the place of the program that mounts the rest. */
export const standInRuntime = Buffer.from('#!/bin/false stand-in\n'.padEnd(4_096, '#'))

/**
 * The tools that electron-builder downloads for its packages for Linux, in the variables by which it takes others: fpm (standInFpm.ts), and mksquashfs with the
 * runtime of AppImages; what the one packs, as a tar archive, lies behind the other.
 */
export function makeStandInTools(folder: string): { CUSTOM_FPM_PATH: string; APPIMAGE_TOOLS_PATH: string } {
  const appImage = join(folder, 'appimage')
  for (const name of ['runtimes', 'lib/x64']) mkdirSync(join(appImage, name), { recursive: true })
  const script = (path: string, text: string) => writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  const fpm = join(folder, 'fpm')
  script(fpm, `exec '${process.execPath}' --no-warnings '${fileURLToPath(new URL('./standInFpm.ts', import.meta.url))}' "$@"`)
  script(join(appImage, 'mksquashfs'), 'test "$3" = -offset && head -c "$4" /dev/zero > "$2" && tar -C "$1" -cf - . >> "$2"')
  script(join(appImage, 'desktop-file-validate'), 'exit 0')
  writeFileSync(join(appImage, 'runtimes/runtime-x64'), standInRuntime)
  return { CUSTOM_FPM_PATH: fpm, APPIMAGE_TOOLS_PATH: appImage }
}
