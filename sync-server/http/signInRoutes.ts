import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import {
  enrolAboutRequestSchema,
  enrolRequestSchema,
  linkSignInSchema,
  nodeNonceSchema,
  nodeSessionRequestSchema,
  passwordSignInSchema,
  type PageInfo,
  type SessionInfo,
} from '#shared/api/gatewayRoutes.ts'
import { durations } from '#shared/durations.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, type Result } from '#shared/result.ts'
import type { Identity } from '../identity/identity.ts'
import { firstIssue } from '../store/firstIssue.ts'
import { sessionCookie } from './requestGuard.ts'
import { clientSession, type HttpRoute } from './routeTable.ts'

/** How owners and nodes get in, and owners out. `encrypted`: the cookie then never travels in the clear. */
export function signInRoutes(identity: Identity, encrypted: boolean): HttpRoute[] {
  function welcome(reply: FastifyReply, signedIn: Result<{ token: string; info: SessionInfo }>, wantToken: boolean | undefined) {
    if (!signedIn.ok) return signedIn
    const { token, info } = signedIn.value
    void reply.header('set-cookie', cookie(token, durations.ownerSessionMs / 1_000, encrypted))
    return wantToken === true ? { ...info, token } : info
  }
  return [
    {
      method: 'GET',
      path: '/api/page',
      who: 'anyone',
      reason: 'tells only who asks: nobody, or the session itself',
      handle: async (_request, _reply, session): Promise<PageInfo> => ({
        place: 'gateway',
        session: session === null || session === 'operator' ? null : await identity.info(session),
      }),
    },
    {
      method: 'POST',
      path: '/api/session/link',
      who: 'anyone',
      reason: 'the one-time secret is the right',
      handle: withBody(linkSignInSchema, async ({ secret, wantToken }, request, reply) =>
        welcome(reply, await identity.signInByLink(secret, whoAsks(request)), wantToken),
      ),
    },
    {
      method: 'POST',
      path: '/api/session/password',
      who: 'anyone',
      reason: 'the password is the right',
      handle: withBody(passwordSignInSchema, async ({ name, password, wantToken }, request, reply) =>
        welcome(reply, await identity.signInByPassword(name, password, whoAsks(request)), wantToken),
      ),
    },
    {
      method: 'GET',
      path: '/api/session',
      who: 'ownerOrNode',
      handle: async (_request, _reply, session) => identity.info(clientSession(session)),
    },
    {
      method: 'DELETE',
      path: '/api/session',
      who: 'ownerOrNode',
      async handle(_request, reply, session) {
        await identity.signOut(clientSession(session))
        void reply.header('set-cookie', cookie('', 0, encrypted))
        return {}
      },
    },
    {
      method: 'POST',
      path: '/api/enrol/about',
      who: 'anyone',
      reason: 'the enrolment token is the right',
      handle: withBody(enrolAboutRequestSchema, async ({ enrolmentToken }, request) =>
        unwrap(await identity.aboutToken(enrolmentToken, request.ip)),
      ),
    },
    {
      method: 'POST',
      path: '/api/enrol',
      who: 'anyone',
      reason: 'the enrolment token is the right',
      handle: withBody(enrolRequestSchema, async ({ enrolmentToken, publicKey, workerName }, request) =>
        unwrap(await identity.enrol(enrolmentToken, publicKey, workerName, request.ip)),
      ),
    },
    {
      method: 'POST',
      path: '/api/node/nonce',
      who: 'anyone',
      reason: 'a nonce is worth nothing without the key',
      handle: withBody(nodeNonceSchema, async ({ nodeId }) => ({ nonce: identity.nonce(nodeId) })),
    },
    {
      method: 'POST',
      path: '/api/node/session',
      who: 'anyone',
      reason: 'the signature is the right',
      handle: withBody(nodeSessionRequestSchema, async (body, request) => unwrap(await identity.signInNode(body, request.ip))),
    },
  ]
}

/** What the owner later recognises a sign-in by. */
const whoAsks = (request: FastifyRequest) => ({ address: request.ip, program: request.headers['user-agent'] ?? '' })

/** Parses the body at the edge; REQUEST_INVALID says what is wrong with it. */
function withBody<Schema extends z.ZodType>(
  schema: Schema,
  handle: (body: z.infer<Schema>, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): HttpRoute['handle'] {
  return async (request, reply) => {
    const parsed = schema.safeParse(request.body)
    return parsed.success ? handle(parsed.data, request, reply) : err(appError('REQUEST_INVALID', { reason: firstIssue(parsed.error) }))
  }
}

const unwrap = <T>(result: Result<T>) => (result.ok ? result.value : result)

const cookie = (token: string, maxAgeSeconds: number, encrypted: boolean) =>
  `${sessionCookie}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${encrypted ? '; Secure' : ''}`
