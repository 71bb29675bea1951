import { z } from 'zod'
import { idSchema, sha256Schema } from '../ids.ts'

/**
 * The gateway's HTTP routes beside the protocol. Browsers carry their session in an HttpOnly cookie, nodes and the command line
 * in `Authorization: Bearer …`. Credentials never stand in a URL.
 *
 *   GET  /healthz                       alive (no session)
 *   GET  /api/hello                     HelloInfo (no session)
 *   GET  /api/page                      PageInfo: whose page this is, and who is signed in (no session; runtimes answer the same route)
 *   POST /api/session/link              {secret} → cookie + SessionInfo; a secret works once
 *   POST /api/session/password          {name, password} → cookie + SessionInfo
 *   GET  /api/session                   SessionInfo          DELETE /api/session   signs out
 *   POST /api/enrol/about               {enrolmentToken} → EnrolAbout: what the token is for; uses nothing of it
 *   POST /api/enrol                     EnrolRequest → EnrolReply (no session; the token is the right)
 *   POST /api/node/nonce                {nodeId} → {nonce}
 *   POST /api/node/session              {nodeId, nonce, signature} → NodeSession   signature = Ed25519 over `nonceMessage`
 *   POST /api/call/:name                a gateway call
 *   GET  /api/speed?bytes=              so many bytes, to measure a line with; POST takes them (1 MiB at most, little an hour)
 *   WS   /sync/live                     the protocol, one connection per client
 *   POST /sync/:op, GET /sync/events    the protocol over HTTP
 *   *    /files/uploads                 tus 1.0; metadata: sha256, name, purpose (input | output), taskId, frame
 *   GET  /files/:sha256                 a file of this owner, with ranges; a node: only inputs and outputs of its live assignments
 *   HEAD /files/:sha256                 is it there (for this owner or assignment only)
 *   GET  /api/jobs/:jobId/frames/:frame        the accepted picture          (runtimes answer the same route)
 *   GET  /api/jobs/:jobId/frames/:frame/thumb  a WebP of at most 320 px      (runtimes answer the same route)
 *   GET  /api/jobs/:jobId/frames/:frame/source what an upscaled picture was made from (runtimes hand it on)
 */
export const nodeSignatureContext = 'pictor-node-session-v1'

/** The exact text a node signs: bound to the server, so that a signature is worthless elsewhere. */
export const nonceMessage = (serverId: string, nodeId: string, nonce: string): string =>
  `${nodeSignatureContext}\n${serverId}\n${nodeId}\n${nonce}`

export const helloInfoSchema = z.looseObject({
  product: z.literal('pictor-gateway'),
  version: z.string(),
  protocol: z.number().int(),
  serverId: idSchema,
  epoch: z.string(),
  serverTimeMs: z.number(),
})
export type HelloInfo = z.infer<typeof helloInfoSchema>

export const sessionInfoSchema = z.looseObject({
  ownerId: idSchema,
  ownerName: z.string(),
  nodeId: idSchema.nullable(),
  isOwner: z.boolean(),
  /** For clients without cookies, only in the answer to a sign-in that asked with `{"wantToken": true}`. */
  token: z.string().optional(),
  expiresAtMs: z.number(),
})
export type SessionInfo = z.infer<typeof sessionInfoSchema>

/** What a page asks first. A browser writes every refusal in its console, so that nobody being signed in is an answer, not one of those. */
export const pageInfoSchema = z.looseObject({ place: z.enum(['runtime', 'gateway']), session: sessionInfoSchema.nullable() })
export type PageInfo = z.infer<typeof pageInfoSchema>

export const linkSignInSchema = z.looseObject({ secret: z.string().min(20).max(200), wantToken: z.boolean().optional() })
export const passwordSignInSchema = z.looseObject({
  name: z.string().max(200),
  password: z.string().max(500),
  wantToken: z.boolean().optional(),
})

export const enrolRequestSchema = z.looseObject({
  enrolmentToken: z.string().min(20).max(200),
  /** Raw Ed25519 public key, base64url. */
  publicKey: z.string().min(40).max(60),
  /** For tokens that make new workers. */
  workerName: z.string().max(200).optional(),
})
export const enrolReplySchema = z.looseObject({ nodeId: idSchema, ownerId: idSchema, ownerName: z.string(), serverId: idSchema })
export type EnrolReply = z.infer<typeof enrolReplySchema>

/** What a machine that was given only a token must know before it enrols: whose it becomes decides where its data lives. */
export const enrolAboutRequestSchema = enrolRequestSchema.pick({ enrolmentToken: true })
export const enrolAboutSchema = z.looseObject({
  serverId: idSchema,
  ownerId: idSchema,
  ownerName: z.string(),
  /** null: it makes new workers. */
  workerId: idSchema.nullable(),
  workerName: z.string(),
  expiresAt: z.number(),
})
export type EnrolAbout = z.infer<typeof enrolAboutSchema>

export const nodeNonceSchema = z.looseObject({ nodeId: idSchema })
export const nodeSessionRequestSchema = z.looseObject({
  nodeId: idSchema,
  nonce: z.string().max(200),
  /** base64url */
  signature: z.string().max(200),
  /** Random per start of the runtime: two live ones on one key are a clone. */
  instanceId: z.string().max(60),
  /** The owner's token of a computer whose owner signed in: the session then may act as the owner too. */
  ownerToken: z.string().max(500).optional(),
})
export const nodeSessionSchema = z.looseObject({
  token: z.string(),
  expiresAtMs: z.number(),
  ownerId: idSchema,
  nodeId: idSchema,
  isOwner: z.boolean(),
  epoch: z.string(),
  serverTimeMs: z.number(),
})
export type NodeSession = z.infer<typeof nodeSessionSchema>

export const uploadMetadataSchema = z.object({
  sha256: sha256Schema,
  name: z.string().min(1).max(1_000),
  purpose: z.enum(['input', 'output']),
  taskId: idSchema.optional(),
  frame: z.coerce.number().int().optional(),
})
export type UploadMetadata = z.infer<typeof uploadMetadataSchema>
