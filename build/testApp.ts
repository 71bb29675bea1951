import type { Configuration } from 'electron-builder'

/**
 * What the app that tests drive differs in from the one that ships: Playwright comes in through Node's debugger, so the one fuse that forbids it stays off
 * there, and the first file that runs is the recorder of what the system would show. Everything else is as in electron-builder.yml
 * (docs/decisions/0022-testing-the-packed-app.md).
 */
export const testAppOverrides = {
  extraMetadata: { main: 'e2e/desktop/testEntry.mjs' },
  files: ['e2e/desktop/testEntry.mjs', 'e2e/desktop/electronRecorder.cjs'],
  electronFuses: { enableNodeCliInspectArguments: true },
  // It is not handed out.
  mac: { notarize: false },
} satisfies Configuration

/** Where electron-builder puts the program of an unpacked app, below its output folder. */
export const unpackedPrograms = {
  linux: 'linux-unpacked/pictor-worker',
  win: 'win-unpacked/Pictor Worker.exe',
  mac: 'mac-universal/Pictor Worker.app/Contents/MacOS/Pictor Worker',
} as const
