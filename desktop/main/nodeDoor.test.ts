import { expect, it, vi } from 'vitest'
import { ok } from '#shared/result.ts'
import type { NodeHere } from '../launch/homeNode.ts'
import { createNodeDoor } from './nodeDoor.ts'

const node = (): NodeHere => ({
  pageUrl: 'http://127.0.0.1:1',
  askNode: vi.fn(() => Promise.resolve(ok(7))),
  openWindow: vi.fn(() => true),
  startNodeAgain: vi.fn(),
})

it('refuses while the node is not there, and leads to it afterwards', async () => {
  const door = createNodeDoor()
  const came = vi.fn()
  void door.here.then(came)
  expect(await door.askNode('node.look', {})).toMatchObject({ ok: false, error: { code: 'PROCESS_FAILED' } })
  expect(door.openWindow({})).toBe(false)
  expect(came).not.toHaveBeenCalled()

  const here = node()
  door.enter(here)
  expect(await door.here).toBe(here)
  expect(await door.askNode('node.look', {}, 5)).toEqual(ok(7))
  expect(here.askNode).toHaveBeenCalledExactlyOnceWith('node.look', {}, 5)
  expect(door.openWindow({})).toBe(true)
  // Each later start says so too; it is the same node.
  door.enter(node())
  expect(await door.here).toBe(here)
})
