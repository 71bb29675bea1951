import { z } from 'zod'
import { languages, type Language, type LanguageChoice } from '../words/languages.ts'
import { updateChannels } from '../updates/version.ts'
import type { UpdateState } from '../updates/updateState.ts'

const nothing = z.strictObject({})
const languageTags = Object.keys(languages) as Language[]

/** What the shell of the desktop app keeps for this user. */
export const shellSettingsSchema = z.strictObject({
  openAtLogin: z.boolean(),
  /** Keep the computer awake while a task runs. */
  keepAwake: z.boolean(),
  notifyProblems: z.boolean(),
  notifyUpdates: z.boolean(),
  autoUpdate: z.boolean(),
  updateChannel: z.enum(updateChannels),
  /** Of tray, menus and dialogs: what was chosen in the dashboard. */
  language: z.enum(['system', ...languageTags] satisfies LanguageChoice[]),
})
export type ShellSettings = z.infer<typeof shellSettingsSchema>

/** The process that works: it has not been up since the app's start, runs, is started again after it ended by itself, or does not stay up. */
export type NodeProcess = 'starting' | 'up' | 'down' | 'gaveUp'

/** The processes of this computer that the app starts; the window is there before them. */
export type StartingPart = 'store' | 'gateway' | 'runtime'

/** Everything the window shows of its shell. */
export interface ShellState {
  version: string
  settings: ShellSettings
  node: NodeProcess
  /** What the app's start still waits for; empty when everything is up. */
  starting: readonly StartingPart[]
  update: UpdateState
  /** Where the secrets of this computer lie: locked by the system's keychain, or in files that only this user may read. */
  secrets: 'keychain' | 'files'
}

/** What main tells the page by itself; over the channel `event`. */
export type ShellEvent = { kind: 'state'; state: ShellState } | { kind: 'go'; route: string }

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
  /** The worker's process did not stay up: it is tried again now. */
  'node.startAgain': { input: nothing },
  /** A dialog asks where to; the file has no secrets. */
  'diagnostics.export': { input: nothing },
} as const
export type ShellCallName = keyof typeof shellCalls
export type ShellCallInput<Name extends ShellCallName> = z.infer<(typeof shellCalls)[Name]['input']>

/** What each call answers. */
export interface ShellAnswers {
  'runtime.openPort': null
  'shell.get': ShellState
  'settings.change': ShellSettings
  'updates.check': null
  'updates.download': null
  'updates.restart': null
  'node.startAgain': null
  /** Null: the dialog was cancelled. */
  'diagnostics.export': { path: string | null }
}

export const isShellCall = (name: unknown): name is ShellCallName => typeof name === 'string' && Object.hasOwn(shellCalls, name)

/** Of Electron's IPC between main and the preload script. */
export const shellChannels = { call: 'pictor:call', event: 'pictor:event', port: 'pictor:port' } as const
