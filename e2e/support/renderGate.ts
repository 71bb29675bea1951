import { setTimeout as delay } from 'node:timers/promises'
import { descendants } from '../../desktop/launch/processTree.ts'
import { commandLine } from './commandLine.ts'
import { openNodePeer } from './nodePeer.ts'
import type { Started } from './started.ts'

/** Keeps a node from rendering faster than a test goes on, however fast this computer is. */
export interface RenderGate {
  /** From now on this many frames may be kept, over all runs of the node; one in progress may end besides. At first: none. */
  allow(frames: number): void
  /** Renders freely again. Rejects with what the gate could not do, if anything. */
  close(): Promise<void>
}

const lookEveryMs = 50

/** Holds Blender still (SIGSTOP, as if the computer were slow; the node is left alone) while enough frames are kept. */
export async function openRenderGate(node: Started): Promise<RenderGate> {
  const peer = await openNodePeer(node)
  let allowed = 0
  let open = true
  const keptFrames = async () => {
    const states = (await peer.documents('runs')).flatMap(({ frames }) => Object.values(frames).map(({ state }) => state))
    return states.filter((state) => state === 'finished' || state === 'delivered').length
  }
  const watch = async () => {
    while (open) {
      signalBlender(node, (await keptFrames()) >= allowed ? 'SIGSTOP' : 'SIGCONT')
      await delay(lookEveryMs)
    }
  }
  // Its failure is told by close(), not by an unhandled rejection meanwhile.
  const watching = watch().then(
    () => null,
    (error: unknown) => error,
  )
  return {
    allow(frames) {
      allowed = frames
    },
    async close() {
      open = false
      const problem = await watching
      signalBlender(node, 'SIGCONT')
      peer.close()
      if (problem !== null) throw new Error('Blender was not held', { cause: problem })
    },
  }
}

function signalBlender(node: Started, signal: 'SIGSTOP' | 'SIGCONT'): void {
  for (const pid of descendants(node.pid)) {
    if (!/(^|\/)blender\0/.test(commandLine(pid))) continue
    try {
      process.kill(pid, signal)
    } catch (error) {
      // It has just ended.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}
