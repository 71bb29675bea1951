import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { appError, toAppError } from '#shared/errors/appError.ts'
import type { JsonObject, JsonValue } from '#shared/json.ts'
import { err, type Result } from '#shared/result.ts'

const askSchema = z.object({ name: z.string().max(80), input: z.record(z.string(), z.json()) })
const bodyLimitBytes = 1024 * 1024

export interface ControlServer {
  url: string
  /** The right to ask; kept in a file that only this user may read. */
  token: string
  /** The right to `session.report` and nothing else, for helpers in the sessions of people; see sessionFile.ts. */
  sessionToken: string
  stop(): Promise<void>
}

/**
 * Lets other commands on this computer ask the running instance: `POST /ask {name, input}` with the token answers a Result.
 * Listens on loopback, on a free port.
 */
export async function startControlServer(answer: (name: string, input: JsonObject) => Promise<Result<JsonValue>>): Promise<ControlServer> {
  const token = randomBytes(32).toString('base64url')
  const sessionToken = randomBytes(32).toString('base64url')
  const server = createServer((request, response) => {
    void reply(request).then((result) => {
      response.writeHead(result.ok || result.error.code !== 'NOT_ALLOWED' ? 200 : 403, { 'content-type': 'application/json' })
      response.end(JSON.stringify(result))
    })
  })
  async function reply(request: IncomingMessage): Promise<Result<JsonValue>> {
    try {
      if (request.method !== 'POST' || request.url !== '/ask') return err(appError('NOT_FOUND'))
      const given = request.headers.authorization ?? ''
      const isOwner = isSame(given, `Bearer ${token}`)
      if (!isOwner && !isSame(given, `Bearer ${sessionToken}`)) return err(appError('NOT_ALLOWED'))
      const asked = askSchema.safeParse(JSON.parse(await readBody(request)))
      if (!isOwner && asked.data?.name !== 'session.report') return err(appError('NOT_ALLOWED'))
      return asked.success
        ? await answer(asked.data.name, asked.data.input)
        : err(appError('REQUEST_INVALID', { reason: 'name and input' }))
    } catch (error) {
      return err(toAppError(error))
    }
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    sessionToken,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > bodyLimitBytes) throw new Error('the body is too large')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
