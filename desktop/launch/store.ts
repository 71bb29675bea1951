import { randomBytes } from 'node:crypto'
import { storeReadySchema, type StoreTarget } from '#shared/api/storeProcess.ts'
import type { JsonObject } from '#shared/json.ts'
import { supervise, type LaunchContext } from './parts.ts'
import type { Supervisor } from './supervisor.ts'

/** The process of the embedded store, under its supervisor. */
export interface Store {
  supervisor: Supervisor
  /** With a port and a password of its own after each start; null while it is not up. */
  target: () => StoreTarget | null
}

const user = 'gateway'

/** @param onMoved told each time when the store went away or came back */
export function superviseStore(
  context: LaunchContext,
  folder: string,
  onMoved: (target: StoreTarget | null) => void = () => undefined,
): Store {
  let password = ''
  let target: StoreTarget | null = null
  const move = (to: StoreTarget | null) => {
    target = to
    onMoved(to)
  }
  const startOptions = (): JsonObject => {
    password = randomBytes(24).toString('base64url')
    return { folder, user, password }
  }
  const supervisor = supervise(context, 'store', startOptions, {
    onReady(value) {
      const { port } = storeReadySchema.parse(value)
      const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
      move({ url: `http://127.0.0.1:${port}`, authorization })
    },
    onDown: () => move(null),
    onGaveUp: () => move(null),
  })
  return { supervisor, target: () => target }
}

/** For what runs the gateway's code in this process (backup, restore, migration, seeding): its `StartStore`. */
export function storeStarter(context: LaunchContext) {
  return async (folder: string): Promise<Pick<Store, 'target'> & { stop(): Promise<void> }> => {
    const { supervisor, target } = superviseStore(context, folder)
    await supervisor.start()
    return { target, stop: () => supervisor.stop() }
  }
}
