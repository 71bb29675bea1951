import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { serveParent } from '#shared/processes/childProcess.ts'
import { createParentPort } from '#shared/processes/parentPort.ts'
import packageFacts from '../../package.json' with { type: 'json' }
import { createRuntimeLog, processOptionsSchema, startRuntime, systemClock } from './entry.ts'
import type { PortLike } from './sync/messagePortChannel.ts'

/** The node's process: told by its parent what to run with, ends when told, by a signal, or when its parent is gone. */
serveParent(
  createParentPort(process),
  async (given) => {
    const parsed = processOptionsSchema.safeParse(given)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw new AppErrorException(appError('REQUEST_INVALID', { reason: `${issue?.path.join('.')}: ${issue?.message}` }))
    }
    const options = {
      ...parsed.data,
      log: createRuntimeLog(parsed.data.logLevel),
      clock: systemClock,
      appVersion: parsed.data.appVersion ?? packageFacts.version,
      onFatal: () => process.exit(1),
    }
    const started = await startRuntime(options)
    if (!started.ok) throw new AppErrorException(started.error)
    const runtime = started.value
    return {
      value: { url: runtime.url, nodeId: runtime.nodeId(), ownerId: runtime.ownerId() },
      answer: (name, input) => runtime.ask(name, input),
      // Safe: Electron's message ports have this shape.
      openWindow: (port) => runtime.openWindow(port as PortLike),
      stop: () => runtime.stop(),
    }
  },
  (code) => process.exit(code),
)
