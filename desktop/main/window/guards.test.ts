import { expect, it, vi } from 'vitest'
import { openOutside } from './guards.ts'

const openExternal = vi.hoisted(() => vi.fn(() => Promise.resolve()))
vi.mock('electron', () => ({ shell: { openExternal } }))

it('opens https pages outside and nothing else', () => {
  for (const address of ['file:///etc/passwd', 'javascript:alert(1)', 'http://example.org', 'smb://host/share', '']) openOutside(address)
  expect(openExternal).not.toHaveBeenCalled()
  openOutside('https://example.org/a')
  expect(openExternal).toHaveBeenCalledExactlyOnceWith('https://example.org/a')
})
