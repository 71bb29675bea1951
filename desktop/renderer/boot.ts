import { shallowRef, type ShallowRef } from 'vue'
import { pageInfoSchema, sessionInfoSchema, type SessionInfo } from '#shared/api/gatewayRoutes.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { HelloReply } from '#shared/sync/protocol.ts'
import type { Opener } from './data/connectDataLink.ts'
import { forgetSummaries } from './data/keptSummaries.ts'
import type { Place, StorageKind } from './data/messages.ts'
import { startDataWorker, type DataLine } from './data/startDataWorker.ts'
import { takeSignInSecret } from './pages/signIn/signInSecret.ts'
import { askJson } from './request.ts'

/** What the page found out about where it is, before it connects. */
export type BootState =
  | { name: 'starting' }
  | { name: 'signIn'; error: AppError | null }
  | {
      name: 'ready'
      place: Place
      storage: StorageKind
      opener: Opener
      /** To the page's data. */
      line: DataLine
      session: SessionInfo | null
      remembered: HelloReply | null
    }

export interface Boot {
  state: Readonly<ShallowRef<BootState>>
  signedIn(): void
  /** @returns why not: without the server the session cannot be ended */
  signOut(): Promise<AppError | null>
  remember(hello: HelloReply): void
}

const memoryKey = 'pictor.peer'

interface Remembered {
  place: Place
  hello: HelloReply
}

/**
 * Finds the peer of this page: the desktop window's runtime, a node's local page, or the gateway; and signs in with a one-time link.
 * @param onBroken the page's data worker failed
 */
export function boot(onBroken: (error: Error) => void): Boot {
  const state = shallowRef<BootState>({ name: 'starting' })
  // Before anything else: the secret must not stay in the address bar or the history.
  const secret = takeSignInSecret(window)
  const remembered = recall()

  /** The thread of the data starts beside everything that is still to come, also while somebody types a password. */
  let line: DataLine | null = null
  const lineOf = (): DataLine => (line ??= startDataWorker(onBroken))
  function askToSignIn(error: AppError | null): void {
    lineOf()
    state.value = { name: 'signIn', error }
  }

  async function ready(place: Place, session: SessionInfo | null): Promise<void> {
    const live = new URL('sync/live', document.baseURI)
    live.protocol = live.protocol === 'https:' ? 'wss:' : 'ws:'
    live.hash = ''
    const storage = place === 'gateway' && (await holdsBrowserStorage()) ? 'browser' : 'memory'
    state.value = {
      name: 'ready',
      place,
      storage,
      opener: { socket: live },
      line: lineOf(),
      session,
      remembered: storage === 'browser' && remembered?.place === place && ownerFits(session, remembered) ? remembered.hello : null,
    }
  }

  /** Asks the server whose page this is and who is signed in. */
  async function enter(): Promise<void> {
    const page = await askJson('api/page', pageInfoSchema)
    const session = page.ok ? page.value.session : null
    // Another owner is here: what was remembered must not open again without a line.
    if (session !== null && remembered !== null && !ownerFits(session, remembered)) forgetOwner()
    if (page.ok && session !== null) await ready(page.value.place, session)
    else if (page.ok || page.error.code === 'NOT_ALLOWED') askToSignIn(null)
    // Without an answer the page shows what it has; the connection is tried again by itself.
    else await ready(remembered?.place ?? guessedPlace(), null)
  }

  async function start(): Promise<void> {
    if (__FAKE_PEER__) {
      const { startFakePeer } = await import('./testing/startFakePeer.ts')
      state.value = startFakePeer(lineOf())
      return
    }
    const bridge = window.pictor
    if (bridge) {
      state.value = {
        name: 'ready',
        place: 'runtime',
        storage: 'memory',
        opener: { openPort: () => bridge.openRuntimePort() },
        line: lineOf(),
        session: null,
        remembered: null,
      }
      return
    }
    // Without encryption a browser gives a page neither locks nor hashes, and keeps no cookie of ours.
    if (!window.isSecureContext) {
      state.value = { name: 'signIn', error: appError('PAGE_NOT_ENCRYPTED') }
      return
    }
    lineOf()
    if (secret !== null) {
      const signed = await askJson('api/session/link', sessionInfoSchema, { method: 'POST', body: { secret } })
      if (!signed.ok && signed.error.code !== 'SERVER_UNREACHABLE') return askToSignIn(signed.error)
    }
    await enter()
  }

  void start()
  return {
    state,
    signedIn: () => void enter(),
    async signOut() {
      const ended = await askJson('api/session', null, { method: 'DELETE' })
      if (!ended.ok && ended.error.code === 'SERVER_UNREACHABLE') return ended.error
      forgetOwner()
      location.reload()
      return null
    },
    remember(hello) {
      const now = state.value
      if (now.name !== 'ready') return
      const value: Remembered = { place: now.place, hello }
      try {
        localStorage.setItem(memoryKey, JSON.stringify(value))
      } catch {
        // No room, or no right to keep anything: without a line this page will not open next time.
      }
    },
  }
}

function recall(): Remembered | null {
  try {
    // Written by `remember` below; a value that is not readable counts as none.
    return JSON.parse(localStorage.getItem(memoryKey) ?? 'null') as Remembered | null
  } catch {
    return null
  }
}

/** Only a server's dashboard has a service worker, which opens it while the server is away. */
const guessedPlace = (): Place => ('serviceWorker' in navigator && navigator.serviceWorker.controller !== null ? 'gateway' : 'runtime')

function forgetOwner(): void {
  localStorage.removeItem(memoryKey)
  forgetSummaries()
}

const ownerFits = (session: SessionInfo | null, remembered: Remembered): boolean =>
  session === null || session.ownerId === remembered.hello.ownerId

/** One tab keeps the browser's database; others beside it work in memory. The lock is held until the tab closes. */
function holdsBrowserStorage(): Promise<boolean> {
  return new Promise((resolve) => {
    void navigator.locks.request('pictor-browser-storage', { ifAvailable: true }, (lock) => {
      resolve(lock !== null)
      return lock === null ? undefined : new Promise<void>(() => undefined)
    })
  })
}
