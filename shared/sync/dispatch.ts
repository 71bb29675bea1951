import { appError, toAppError } from '../errors/appError.ts'
import type { JsonObject } from '../json.ts'
import type { Logger } from '../log.ts'
import { err, ok, type Result } from '../result.ts'
import type { Session, SyncBackend } from './backend.ts'
import { limits, payloadSchemas, protocolVersion, type Operation, type Operations } from './protocol.ts'

type Handlers = { [Op in Operation]: (payload: Operations[Op]['payload']) => Promise<Result<Operations[Op]['reply']>> }

const isOperation = (op: string): op is Operation => Object.hasOwn(payloadSchemas, op)

/**
 * Parses one request and has the backend answer it. Never rejects: what a client gets wrong and what fails here are answers.
 * @param watch turns a live topic on or off for the connection the request belongs to
 */
export async function dispatch(
  backend: SyncBackend,
  session: Session,
  log: Logger,
  request: { op: string; payload: unknown },
  watch: (topic: string, on: boolean) => Result<JsonObject>,
): Promise<Result<unknown>> {
  if (!isOperation(request.op)) return err(appError('REQUEST_INVALID', { reason: `unknown operation ${String(request.op).slice(0, 40)}` }))
  const parsed = payloadSchemas[request.op].safeParse(request.payload)
  if (!parsed.success) return err(refusalOf(request.op, request.payload, parsed.error.issues[0]))
  const handlers: Handlers = {
    hello: async (payload) => {
      if (payload.protocol < protocolVersion - 1)
        return err(appError('PROTOCOL_TOO_OLD', { ours: protocolVersion, theirs: payload.protocol }))
      if (payload.protocol > protocolVersion + 1)
        return err(appError('PROTOCOL_TOO_NEW', { ours: protocolVersion, theirs: payload.protocol }))
      return backend.hello(session, payload)
    },
    ping: async () => ok({ serverTimeMs: backend.serverTimeMs() }),
    pull: (payload) => backend.pull(session, payload),
    push: (payload) => backend.push(session, payload),
    call: (payload) => backend.call(session, payload.name, payload.input),
    seriesAppend: (payload) => backend.seriesAppend(session, payload),
    seriesRead: (payload) => backend.seriesRead(session, payload),
    watch: async (payload) => watch(payload.topic, payload.on),
    live: async (payload) => {
      const taken = backend.live(session, payload.topic, payload.value)
      return taken.ok ? ok({}) : taken
    },
  }
  try {
    // Safe: the payload was parsed by the schema of this very operation.
    const handle = handlers[request.op] as (payload: unknown) => Promise<Result<unknown>>
    return await handle(parsed.data)
  } catch (thrown) {
    const error = toAppError(thrown)
    log.error('request failed', { op: request.op, code: error.code, reason: error.message })
    return err(error)
  }
}

function refusalOf(op: Operation, payload: unknown, issue: { path: PropertyKey[]; message: string } | undefined) {
  const rows = op === 'push' && typeof payload === 'object' && payload !== null && 'rows' in payload ? payload.rows : null
  if (Array.isArray(rows) && rows.length > limits.batchRows) return appError('BATCH_TOO_LARGE', { limit: limits.batchRows })
  return appError('REQUEST_INVALID', {
    reason: `${op} ${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'malformed'}`.slice(0, 300),
  })
}
