import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { GatewayCallName, GatewayInput, GatewayOutput } from '#shared/api/gatewayCalls.ts'
import { nonceMessage, type EnrolReply, type NodeSession, type SessionInfo } from '#shared/api/gatewayRoutes.ts'
import type { Result } from '#shared/result.ts'

interface Answer<T> {
  status: number
  body: T
  headers: Headers
}
interface TestNode {
  nodeId: string
  ownerId: string
  /** Signs in and answers with a fresh session. @param ask how another gateway on the same store is asked */
  signIn(instanceId?: string, ownerToken?: string, ask?: GatewayUser['request']): Promise<Answer<NodeSession & Partial<Result<never>>>>
}
interface RequestOptions {
  token?: string
  body?: unknown
  headers?: Record<string, string>
}

/** What a test does with a running gateway, as operator, owner or node. */
export interface GatewayUser {
  readonly operatorToken: string
  request: <T = unknown>(method: string, path: string, options?: RequestOptions) => Promise<Answer<T>>
  /** A call as operator, or with the token; throws when it is refused. */
  call: <Name extends GatewayCallName>(name: Name, input: GatewayInput<Name>, token?: string) => Promise<GatewayOutput<Name>>
  addOwner: (name: string) => Promise<{ ownerId: string; token: string }>
  enrolNode: (ownerId: string, name: string) => Promise<TestNode>
}

export function gatewayUser(running: () => { url: string; serverId: string; operatorTokenPath: string }): GatewayUser {
  async function request<T>(method: string, path: string, { token, body, headers }: RequestOptions = {}) {
    const response = await fetch(`${running().url}${path}`, {
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
  const operatorToken = () => readFileSync(running().operatorTokenPath, 'utf8').trim()

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
      async signIn(instanceId = randomBytes(8).toString('hex'), ownerToken, ask: GatewayUser['request'] = request) {
        const { body: given } = await ask<{ nonce: string }>('POST', '/api/node/nonce', { body: { nodeId: body.nodeId } })
        const text = nonceMessage(running().serverId, body.nodeId, given.nonce)
        const signature = sign(null, Buffer.from(text), privateKey).toString('base64url')
        return ask('POST', '/api/node/session', {
          body: { nodeId: body.nodeId, nonce: given.nonce, signature, instanceId, ownerToken },
        })
      },
    }
  }

  return {
    ...{ request, call, enrolNode },
    get operatorToken() {
      return operatorToken()
    },
    async addOwner(name) {
      const { ownerId, signInSecret } = await call('owners.add', { name })
      const { body } = await request<SessionInfo>('POST', '/api/session/link', { body: { secret: signInSecret, wantToken: true } })
      return { ownerId, token: body.token ?? '' }
    },
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
