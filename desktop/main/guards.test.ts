import { expect, it, vi } from 'vitest'
import { isWithin, openOutside } from './guards.ts'

const openExternal = vi.hoisted(() => vi.fn(() => Promise.resolve()))
vi.mock('electron', () => ({ shell: { openExternal } }))

it.each([
  ['http://127.0.0.1:7420/workers', true],
  ['http://127.0.0.1:7420.evil.example/', false],
  ['http://127.0.0.1:7421/', false],
  ['https://127.0.0.1:7420/', false],
  ['http://127.0.0.1:7420@evil.example/', false],
  ['http://localhost:7420/', false],
  ['file:///etc/passwd', false],
  ['javascript:alert(1)', false],
  ['data:text/html,x', false],
  ['not an address', false],
])('the window may go to %s: %s', (address, allowed) => {
  expect(isWithin('http://127.0.0.1:7420', address)).toBe(allowed)
})

it('opens https pages outside and nothing else', () => {
  for (const address of ['file:///etc/passwd', 'javascript:alert(1)', 'http://example.org', 'smb://host/share', '']) openOutside(address)
  expect(openExternal).not.toHaveBeenCalled()
  openOutside('https://example.org/a')
  expect(openExternal).toHaveBeenCalledExactlyOnceWith('https://example.org/a')
})
