import { expect, it, vi } from 'vitest'
import { createKeepAwake } from './keepAwake.ts'

const blocker = vi.hoisted(() => ({ start: vi.fn(() => 7), stop: vi.fn() }))
vi.mock('electron', () => ({ powerSaveBlocker: blocker }))

it('keeps the computer awake, and not its screen, exactly while it is told to', () => {
  const keepAwake = createKeepAwake()
  keepAwake(false)
  expect(blocker.start).not.toHaveBeenCalled()
  keepAwake(true)
  keepAwake(true)
  expect(blocker.start).toHaveBeenCalledExactlyOnceWith('prevent-app-suspension')
  keepAwake(false)
  keepAwake(false)
  expect(blocker.stop).toHaveBeenCalledExactlyOnceWith(7)
})
