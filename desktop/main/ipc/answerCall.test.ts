import { expect, it, vi } from 'vitest'
import { shellCalls, type ShellCallName } from '#shared/api/shellCalls.ts'
import { ok } from '#shared/result.ts'
import { answerCall, type ShellHandlers } from './answerCall.ts'

const own = { frameUrl: 'pictor-app://dashboard/#/', isMainFrame: true, isOwnWindow: true }
function make() {
  const called = vi.fn()
  const names = Object.keys(shellCalls) as ShellCallName[]
  const handlers = Object.fromEntries(
    names.map((name) => [
      name,
      async (input: unknown) => {
        called(name, input)
        return ok(null)
      },
    ]),
  ) as unknown as ShellHandlers
  return { called, handlers }
}

it('answers the page at its own address', async () => {
  const { called, handlers } = make()
  expect(await answerCall(handlers, own, 'settings.change', { keepAwake: false })).toEqual({ ok: true, value: null })
  expect(called).toHaveBeenCalledExactlyOnceWith('settings.change', { keepAwake: false })
})

it.each([
  ['a page of somewhere else', { ...own, frameUrl: 'https://evil.example/' }],
  ['a page that looks like ours', { ...own, frameUrl: 'pictor-app://dashboard.evil.example/' }],
  ['a frame inside of the page', { ...own, isMainFrame: false }],
  ['another window', { ...own, isOwnWindow: false }],
  ['a frame that is gone', { ...own, frameUrl: null }],
])('refuses every call of %s', async (_who, sender) => {
  const { called, handlers } = make()
  for (const name of Object.keys(shellCalls))
    expect(await answerCall(handlers, sender, name, {})).toMatchObject({ ok: false, error: { code: 'NOT_ALLOWED' } })
  expect(called).not.toHaveBeenCalled()
})

it.each([['no.such.call'], ['__proto__'], ['constructor'], ['toString'], [null], [7], [{}], [['shell.get']]])(
  'knows no call %j',
  async (name) => {
    const { called, handlers } = make()
    expect(await answerCall(handlers, own, name, {})).toMatchObject({ ok: false, error: { code: 'NOT_FOUND' } })
    expect(called).not.toHaveBeenCalled()
  },
)

it.each([
  ['shell.get', null],
  ['shell.get', []],
  ['shell.get', { more: 1 }],
  ['settings.change', { updateChannel: 'nightly' }],
  ['settings.change', { openAtLogin: 'true' }],
  ['settings.change', JSON.parse('{"__proto__":{"x":1},"y":1}')],
  ['settings.change', { language: 'tlh' }],
  ['settings.change', { notifyProblems: 1 }],
  ['diagnostics.export', { path: '/etc/passwd' }],
  ['node.startAgain', { force: true }],
  ['runtime.openPort', {}],
  ['runtime.openPort', { nonce: 'short' }],
])('%s refuses the input %j', async (name, input) => {
  const { called, handlers } = make()
  expect(await answerCall(handlers, own, name, input)).toMatchObject({ ok: false, error: { code: 'REQUEST_INVALID' } })
  expect(called).not.toHaveBeenCalled()
})

it('hands an error of a handler over as data', async () => {
  const { handlers } = make()
  handlers['shell.get'] = () => Promise.reject(new Error('broken'))
  expect(await answerCall(handlers, own, 'shell.get', {})).toMatchObject({ ok: false, error: { code: 'UNEXPECTED' } })
})
