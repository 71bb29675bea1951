import { inject, type InjectionKey, type Ref } from 'vue'
import type { SessionInfo } from '#shared/api/gatewayRoutes.ts'

/** Who is signed in at the server this page came from; null where the page needs no session (the desktop window). */
export interface SessionHandle {
  info: Readonly<Ref<SessionInfo | null>>
  signOut(): Promise<void>
}
export const sessionKey: InjectionKey<SessionHandle> = Symbol('session')

export function useSession(): SessionHandle {
  const session = inject(sessionKey)
  if (!session) throw new Error('no session was provided')
  return session
}
