import { durations } from '#shared/durations.ts'
import type { NodeHere } from '../../launch/homeNode.ts'
import type { NodeDoor } from '../nodeDoor.ts'

/**
 * Requests of the window to the node's local page, signed in as this computer's owner: pictures of frames and uploads of scenes, which are too large
 * for the message port. The page never sees the cookie. A request that comes before the node is up waits for it.
 */
export function createPageProxy(door: Pick<NodeDoor, 'here'>) {
  let cookie: string | null = null

  async function signIn(house: NodeHere): Promise<string> {
    const answer = await house.askNode('page.link', {})
    if (!answer.ok) throw new Error(answer.error.code)
    // Safe: the runtime's own contract (shared/api/runtimeAsks.ts).
    const secret = new URL((answer.value as { link: string }).link).hash.replace('#link=', '')
    const response = await fetch(`${house.pageUrl}/api/session/link`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ secret }),
      signal: AbortSignal.timeout(durations.requestTimeoutMs),
    })
    const given = response.headers.getSetCookie()[0]?.split(';')[0]
    if (!response.ok || given === undefined) throw new Error(`sign-in answered ${response.status}`)
    return given
  }

  return async function forward(path: string, request: Request): Promise<Response> {
    const house = await door.here
    const target = new URL(path, house.pageUrl)
    // A path such as //host would lead elsewhere.
    if (target.origin !== new URL(house.pageUrl).origin) throw new Error('not the local page')
    cookie ??= await signIn(house)
    const type = request.headers.get('content-type')
    const send = (body: Request['body']) =>
      fetch(target, {
        method: request.method,
        headers: { cookie: cookie ?? '', ...(type === null ? {} : { 'content-type': type }) },
        body,
        redirect: 'error',
        signal: request.signal,
        // A stream as body needs it; the types do not know it yet.
        ...{ duplex: 'half' },
      })
    // Only what has no body can be said twice, after a session that ended.
    const response = await send(request.body)
    if (response.status !== 401) return response
    cookie = await signIn(house)
    return request.body === null ? send(null) : response
  }
}
