import { appError } from '#shared/errors/appError.ts'
import { err } from '#shared/result.ts'
import type { NodeHere } from '../launch/homeNode.ts'

/** The node for the shell, which is there before it: what is asked too early is refused, and whoever can wait waits for `here`. */
export interface NodeDoor extends Pick<NodeHere, 'askNode' | 'openWindow' | 'startNodeAgain'> {
  /** The node, once it is up for the first time. */
  here: Promise<NodeHere>
  /** The node is up; only the first time counts. */
  enter(node: NodeHere): void
}

export function createNodeDoor(): NodeDoor {
  const arrived = Promise.withResolvers<NodeHere>()
  let node: NodeHere | null = null
  return {
    here: arrived.promise,
    enter(next) {
      node ??= next
      arrived.resolve(node)
    },
    askNode: async (name, input, timeoutMs) =>
      node === null
        ? err(appError('PROCESS_FAILED', { name: 'runtime', reason: 'it is being started' }))
        : node.askNode(name, input, timeoutMs),
    openWindow: (port) => node?.openWindow(port) ?? false,
    startNodeAgain: () => node?.startNodeAgain(),
  }
}
