import { expect, it, vi } from 'vitest'
import type { ShellState } from '#shared/api/shellCalls.ts'
import { ok } from '#shared/result.ts'
import { createShellLink } from './shellLink.ts'

const state = { version: '1.0.0', node: 'up' } as ShellState

it('shows what the shell says, and goes where its menu leads', async () => {
  let tell: (value: unknown) => void = () => undefined
  const off = vi.fn()
  const go = vi.fn()
  const bridge = {
    call: vi.fn(() => Promise.resolve(ok(state))),
    onEvent: (listener: (value: unknown) => void) => {
      tell = listener
      return off
    },
  }
  const link = createShellLink(bridge, go)
  await vi.waitFor(() => expect(link.state.value?.version).toBe('1.0.0'))
  tell({ kind: 'state', state: { ...state, node: 'down' } })
  expect(link.state.value?.node).toBe('down')
  tell({ kind: 'go', route: '/settings' })
  expect(go).toHaveBeenCalledExactlyOnceWith('/settings')
  bridge.call.mockRejectedValueOnce(new Error('gone'))
  expect(await link.call('updates.check', {})).toMatchObject({ ok: false, error: { code: 'UNEXPECTED' } })
  link.stop()
  expect(off).toHaveBeenCalledOnce()
})
