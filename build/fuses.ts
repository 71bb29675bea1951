import type { FuseV1Options } from '@electron/fuses'

/**
 * Every fuse of Electron, decided. Typed as all of them: a new fuse in `@electron/fuses` breaks the build until it stands here.
 * electron-builder.yml carries the same decisions in its own spelling (build/packaging.test.ts compares them).
 */
export const fuses: Record<keyof typeof FuseV1Options, boolean> = {
  // The app's binary cannot be used as a Node interpreter. `child_process.fork` throws then: processes start through utilityProcess.
  RunAsNode: false,
  EnableCookieEncryption: true,
  // Neither the environment nor arguments can make the app load other code or open a debugger.
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  // We ship no snapshot of our own.
  LoadBrowserProcessSpecificV8Snapshot: false,
  // The page comes from its own origin; file:// needs no rights.
  GrantFileProtocolExtraPrivileges: false,
}
