import { z } from 'zod'
import { updateChannels } from '../updates/version.ts'

const nothing = z.strictObject({})

/** What the shell of the desktop app keeps for this user. */
export const shellSettingsSchema = z.strictObject({
  openAtLogin: z.boolean(),
  /** Keep the computer awake while a task runs. */
  keepAwake: z.boolean(),
  notifications: z.boolean(),
  autoUpdate: z.boolean(),
  updateChannel: z.enum(updateChannels),
})
export type ShellSettings = z.infer<typeof shellSettingsSchema>

/**
 * Everything that the page of the desktop window may ask of Electron's main process, over one IPC channel; the input is parsed there, the answer is a
 * Result. What concerns the work goes to the runtime over the message port instead.
 */
export const shellCalls = {
  /** The port itself comes as a message `shellPort` to the page. */
  'runtime.openPort': { input: z.strictObject({ nonce: z.string().min(8).max(100) }) },
  'shell.get': { input: nothing },
  'settings.change': { input: shellSettingsSchema.partial() },
  'updates.check': { input: nothing },
  'updates.download': { input: nothing },
  'updates.restart': { input: nothing },
  /** A file dialog, a confirmation that says which server and owner, the import. */
  'config.import': { input: nothing },
  /** Where a file that was dropped on the window lies: it is read, confirmed and imported. */
  'config.importFile': { input: z.strictObject({ path: z.string().min(1).max(4_000) }) },
  'diagnostics.export': { input: nothing },
} as const
export type ShellCallName = keyof typeof shellCalls
export type ShellCallInput<Name extends ShellCallName> = z.infer<(typeof shellCalls)[Name]['input']>

export const isShellCall = (name: unknown): name is ShellCallName => typeof name === 'string' && Object.hasOwn(shellCalls, name)

/** What main tells the page: where to go, how the update and the node stand. */
export const shellChannels = { call: 'pictor:call', event: 'pictor:event', port: 'pictor:port' } as const
