import { beforeEach, expect, it, vi } from 'vitest'
import type { NodeProcess, ShellSettings } from '#shared/api/shellCalls.ts'
import { appError } from '#shared/errors/appError.ts'
import { initialUpdateState, type UpdateState } from '#shared/updates/updateState.ts'
import { createNotices } from './notices.ts'
import type { TrayState } from './tray/trayState.ts'
import { speechIn } from './words/speech.ts'

const shown = vi.hoisted(() => ({ bodies: [] as string[], clicks: [] as (() => void)[] }))
vi.mock('electron', () => ({
  Notification: class {
    static isSupported = () => true
    readonly #body: string
    constructor({ body }: { body: string }) {
      this.#body = body
    }
    on(_event: string, listener: () => void) {
      shown.clicks.push(listener)
    }
    show() {
      shown.bodies.push(this.#body)
    }
  },
}))
beforeEach(() => Object.assign(shown, { bodies: [], clicks: [] }))

const english = speechIn('en', [])
const settings: ShellSettings = {
  ...{
    openAtLogin: false,
    keepAwake: true,
    notifyProblems: true,
    notifyUpdates: true,
    autoUpdate: true,
    updateChannel: 'latest',
    language: 'en',
  },
}
const tray: TrayState = { icon: 'ready', line: 'Ready for work', earned: null, canPause: true, canResume: false, canStart: false }
const blocked: TrayState = { ...tray, icon: 'problem', line: 'Blocked: another program' }
const release = { version: '1.2.0', releaseNotes: null }
const calm = { node: 'up' as NodeProcess, tray, update: initialUpdateState }

/** What is shown when `next` begins to be so; looked at twice, since it must be told once. */
function told(next: Partial<typeof calm>, part: Partial<ShellSettings> = {}): string[] {
  const notices = createNotices(
    () => ({ ...settings, ...part }),
    () => english,
    () => undefined,
  )
  notices.look(calm)
  // Whatever an update comes to, it was looked for before.
  if (next.update !== undefined) notices.look({ ...calm, update: { name: 'checking' } })
  for (let look = 0; look < 2; look += 1) notices.look({ ...calm, ...next })
  return shown.bodies
}
const refused: UpdateState = { name: 'idle', checkedAt: 1, problem: appError('UPDATE_SIGNATURE_WRONG', { version: '1.2.0' }) }

it.each([
  ['the node stopped', { node: 'down' }, 'stopped by itself'],
  ['the node does not stay up', { node: 'gaveUp' }, 'does not stay up'],
  ['a problem of the computer', { tray: blocked }, 'Blocked: another program'],
] as const)('problems are told once, by choice: %s', (_what, next, words) => {
  expect(told(next)).toEqual([expect.stringContaining(words)])
  shown.bodies = []
  expect(told(next, { notifyProblems: false })).toEqual([])
})

it.each([
  ['is ready', { name: 'downloaded', release, problem: null }, 'Version 1.2.0 is ready'],
  ['was refused', refused, 'was not installed'],
] as const)('a new version is told once, by choice: it %s', (_what, update, words) => {
  expect(told({ update })).toEqual([expect.stringContaining(words)])
  shown.bodies = []
  expect(told({ update }, { notifyUpdates: false })).toEqual([])
})

it('a version that is only there is told where updates are not loaded by themselves; a feed that cannot be reached never is', () => {
  const available: UpdateState = { name: 'available', release, problem: null }
  expect(told({ update: available })).toEqual([])
  expect(told({ update: available }, { autoUpdate: false })).toEqual([expect.stringContaining('Version 1.2.0 is there')])
  shown.bodies = []
  const unreachable: UpdateState = { name: 'idle', checkedAt: 1, problem: appError('UPDATE_FEED_UNREACHABLE', { reason: 'offline' }) }
  expect(told({ update: unreachable })).toEqual([])
})

it('says nothing of what was so before it began to look, and a click opens the window', () => {
  const open = vi.fn()
  const notices = createNotices(
    () => settings,
    () => english,
    open,
  )
  notices.look({ ...calm, tray: blocked })
  expect(shown.bodies).toEqual([])
  notices.look({ ...calm, node: 'down' })
  shown.clicks[0]?.()
  expect(open).toHaveBeenCalledOnce()
})
