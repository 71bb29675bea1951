import type { AppError } from '#shared/errors/appError.ts'
import type { Session } from '#shared/sync/backend.ts'

interface Connection {
  connectionId: string
  session: Session
  openedAtMs: number
}
interface ConnectionChange {
  connection: Connection
  open: boolean
}
interface Held extends Connection {
  close(error: AppError, retry: boolean): void
  /** Does the other end answer now? */
  answers?(): Promise<boolean>
}

/** The live connections of this gateway: who is here (presence), and the means to end them at once when a right ends. */
export interface Connections {
  add(connection: Held): void
  remove(connectionId: string): void
  list(): Connection[]
  /** Asks the other end for a sign of life. */
  answers(connectionId: string): Promise<boolean>
  /** Is at least one live connection of this node open? */
  nodeConnected(nodeId: string): boolean
  /** Closes what fits, e.g. after a key was revoked. Returns how many. */
  closeWhere(fits: (session: Session) => boolean, error: AppError, retry: boolean): number
  /** Called when a connection opened or closed. Returns its own unsubscribe. */
  onChange(listener: (change: ConnectionChange) => void): () => void
}

export function createConnections(): Connections {
  const held = new Map<string, Held>()
  const listeners = new Set<(change: ConnectionChange) => void>()
  /** Asked for every idle node whenever there is work. */
  const perNode = new Map<string, number>()
  const count = ({ session: { nodeId } }: Connection, change: 1 | -1) => {
    if (nodeId === null) return
    const now = (perNode.get(nodeId) ?? 0) + change
    if (now > 0) perNode.set(nodeId, now)
    else perNode.delete(nodeId)
  }
  const tell = (connection: Connection, open: boolean) => {
    for (const listener of listeners) listener({ connection, open })
  }
  return {
    add(connection) {
      held.set(connection.connectionId, connection)
      count(connection, 1)
      tell(connection, true)
    },
    remove(connectionId) {
      const connection = held.get(connectionId)
      if (connection === undefined) return
      held.delete(connectionId)
      count(connection, -1)
      tell(connection, false)
    },
    answers: async (connectionId) => (await held.get(connectionId)?.answers?.()) ?? false,
    list: () => [...held.values()],
    nodeConnected: (nodeId) => perNode.has(nodeId),
    closeWhere(fits, error, retry) {
      const closing = [...held.values()].filter(({ session }) => fits(session))
      for (const connection of closing) connection.close(error, retry)
      return closing.length
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
