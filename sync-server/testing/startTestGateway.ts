import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nonceMessage, type EnrolReply, type NodeSession, type SessionInfo } from '#shared/api/gatewayRoutes.ts'
import type { GatewayCallName, GatewayInput, GatewayOutput } from '#shared/api/gatewayCalls.ts'
import type { Result } from '#shared/result.ts'
import { startGateway, type GatewayOptions, type RunningGateway } from '../entry.ts'
import { storeEntryPath } from './startTestStore.ts'
import { quietLog, realClock, temporaryFolder } from './testTools.ts'

export interface Answer<T> {
  status: number
  body: T
  headers: Headers
}
export interface TestNode {
  nodeId: string
  ownerId: string
  /** Signs in and answers with a fresh session. */
  signIn(instanceId?: string, ownerToken?: string): Promise<Answer<NodeSession & Partial<Result<never>>>>
}
export interface TestGateway extends RunningGateway {
  dataFolder: string
  operatorToken: string
  request<T = unknown>(
    method: string,
    path: string,
    options?: { token?: string; body?: unknown; headers?: Record<string, string> },
  ): Promise<Answer<T>>
  /** A call as operator, or with the token; throws when it is refused. */
  call<Name extends GatewayCallName>(name: Name, input: GatewayInput<Name>, token?: string): Promise<GatewayOutput<Name>>
  addOwner(name: string): Promise<{ ownerId: string; token: string }>
  enrolNode(ownerId: string, name: string): Promise<TestNode>
  /** Stops it and starts it again on the same data and port. */
  restart(): Promise<void>
  remove(): Promise<void>
}

/** A whole gateway in this process, with its embedded store as a child, or on COUCHDB_URL. */
export async function startTestGateway(overrides: Partial<GatewayOptions> = {}): Promise<TestGateway> {
  const folder = temporaryFolder()
  const couchUrl = process.env['COUCHDB_URL'] ?? null
  const options: GatewayOptions = {
    dataFolder: join(folder.path, 'gateway'),
    ...{ host: '127.0.0.1', port: 0, couchUrl, couchPrefix: `pt${randomBytes(5).toString('hex')}-` },
    ...{ dashboardFolder: join(folder.path, 'dashboard'), storeEntryPath, log: quietLog, clock: realClock },
    ...overrides,
  }
  let running = await start(options)

  async function request<T>(
    method: string,
    path: string,
    { token, body, headers }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
  ) {
    const response = await fetch(`${running.url}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: parse(text) as T, headers: response.headers }
  }
  const operatorToken = () => readFileSync(running.operatorTokenPath, 'utf8').trim()

  async function call<Name extends GatewayCallName>(
    name: Name,
    input: GatewayInput<Name>,
    token = operatorToken(),
  ): Promise<GatewayOutput<Name>> {
    const { body } = await request<Result<GatewayOutput<Name>>>('POST', `/api/call/${name}`, { token, body: input })
    if (!body.ok) throw new Error(`${name}: ${JSON.stringify(body)}`)
    return body.value
  }

  async function enrolNode(ownerId: string, name: string): Promise<TestNode> {
    const { config } = await call('workers.create', { name, ownerId })
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const raw = publicKey.export({ format: 'jwk' }).x ?? ''
    const { body } = await request<EnrolReply>('POST', '/api/enrol', { body: { enrolmentToken: config.enrolmentToken, publicKey: raw } })
    return {
      nodeId: body.nodeId,
      ownerId,
      async signIn(instanceId = randomBytes(8).toString('hex'), ownerToken) {
        const { body: given } = await request<{ nonce: string }>('POST', '/api/node/nonce', { body: { nodeId: body.nodeId } })
        const text = nonceMessage(running.serverId, body.nodeId, given.nonce)
        const signature = sign(null, Buffer.from(text), privateKey).toString('base64url')
        return request('POST', '/api/node/session', {
          body: { nodeId: body.nodeId, nonce: given.nonce, signature, instanceId, ownerToken },
        })
      },
    }
  }

  return {
    ...{ dataFolder: options.dataFolder, request, call, enrolNode },
    get url() {
      return running.url
    },
    get port() {
      return running.port
    },
    get serverId() {
      return running.serverId
    },
    get operatorTokenPath() {
      return running.operatorTokenPath
    },
    get operatorToken() {
      return operatorToken()
    },
    stop: () => running.stop(),
    async addOwner(name) {
      const { ownerId, signInSecret } = await call('owners.add', { name })
      const { body } = await request<SessionInfo>('POST', '/api/session/link', { body: { secret: signInSecret, wantToken: true } })
      return { ownerId, token: body.token ?? '' }
    },
    async restart() {
      const { port } = running
      await running.stop()
      running = await start({ ...options, port })
    },
    async remove() {
      await running.stop()
      if (couchUrl !== null) await deleteDatabases(couchUrl, options.couchPrefix ?? '')
      folder.remove()
    },
  }
}

async function start(options: GatewayOptions): Promise<RunningGateway> {
  const started = await startGateway(options)
  if (!started.ok) throw new Error(`${started.error.code}: ${started.error.message} ${JSON.stringify(started.error.details)}`)
  return started.value
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

async function deleteDatabases(couchUrl: string, prefix: string): Promise<void> {
  const { couchTargetFromUrl } = await import('../store/couchTarget.ts')
  const target = couchTargetFromUrl(couchUrl)
  if (!target.ok) return
  const headers = target.value.authorization === null ? {} : { authorization: target.value.authorization }
  const names = (await (await fetch(`${target.value.url}/_all_dbs`, { headers })).json()) as string[]
  for (const name of names)
    if (name.startsWith(prefix)) await fetch(`${target.value.url}/${encodeURIComponent(name)}`, { method: 'DELETE', headers })
}
