import type { WorkerConfig } from '#shared/api/workerConfig.ts'
import { greetServer } from './askServer.ts'
import type { World } from './worlds.ts'

/**
 * The launcher's own gateway may answer at another port than when a world was made. Its address, and its owner's token, count for the
 * world of that very server only: `isHome` says whether it is that one.
 */
export async function withHomeServer(
  world: World,
  serverUrl: string | null,
  config: WorkerConfig | null,
): Promise<{ world: World; isHome: boolean }> {
  if (serverUrl === null) return { world, isHome: false }
  const { serverId } = world.identity
  if (config?.serverId === serverId) return { world: at(world, serverUrl), isHome: true }
  const hello = await greetServer(serverUrl)
  // It may be down just now: then the address decides, as far as it can.
  if (!hello.ok) return { world, isHome: sameOrigin(world.identity.serverUrl, serverUrl) }
  return hello.value.serverId === serverId ? { world: at(world, serverUrl), isHome: true } : { world, isHome: false }
}

const at = (world: World, serverUrl: string): World => ({ ...world, identity: { ...world.identity, serverUrl } })
const sameOrigin = (a: string, b: string): boolean => URL.canParse(a) && URL.canParse(b) && new URL(a).origin === new URL(b).origin
