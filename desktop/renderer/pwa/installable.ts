import { pageClock } from '../data/pageClock.ts'

/** How often an open page asks whether the server has a newer dashboard. */
const lookEveryMs = 3_600_000

export interface Installable {
  /** A newer version is here and waits; `takeOver` loads it. Called once a version. */
  onNewVersion(listener: (takeOver: () => void) => void): void
  stop(): void
}

/**
 * Makes the dashboard of a server an app that can be installed and opens without a network. Not for the desktop window or a node's local page: there
 * the computer it runs on has everything. Where the browser has no service workers (plain http beyond this computer) nothing happens.
 */
export function makeInstallable(container: ServiceWorkerContainer | undefined = serviceWorkers()): Installable {
  let listener: (takeOver: () => void) => void = () => undefined
  let cancel: () => void = () => undefined
  let reloading = false
  if (container === undefined) return { onNewVersion: () => undefined, stop: () => undefined }

  linkManifest()
  void container
    .register('./service-worker.js', { scope: './', updateViaCache: 'none' })
    .then((registration) => {
      watch(registration)
      look(registration)
    })
    // A page without its worker is a page as it was before: it only does not open without a network.
    .catch(() => undefined)

  function watch(registration: ServiceWorkerRegistration): void {
    const offer = (waiting: ServiceWorker): void => {
      // The first one serves no page yet: there is nothing to replace.
      if (container?.controller == null) return
      listener(() => {
        container.addEventListener('controllerchange', () => {
          if (reloading) return
          reloading = true
          location.reload()
        })
        waiting.postMessage('takeOver')
      })
    }
    if (registration.waiting) offer(registration.waiting)
    registration.addEventListener('updatefound', () => {
      const next = registration.installing
      next?.addEventListener('statechange', () => {
        if (next.state === 'installed') offer(next)
      })
    })
  }

  function look(registration: ServiceWorkerRegistration): void {
    cancel = pageClock.after(lookEveryMs, () => {
      // Without a line there is nothing newer to be had; the next look finds it.
      if (document.visibilityState === 'visible') void registration.update().catch(() => undefined)
      look(registration)
    })
  }

  return {
    onNewVersion: (wanted) => (listener = wanted),
    stop: () => cancel(),
  }
}

/** A page that was a server's and is a node's local page now must not be answered from what is kept of the old one. */
export async function forgetInstalled(container: ServiceWorkerContainer | undefined = serviceWorkers()): Promise<void> {
  for (const registration of (await container?.getRegistrations()) ?? []) await registration.unregister()
}

function serviceWorkers(): ServiceWorkerContainer | undefined {
  // Missing over plain http, whatever the types say.
  return 'serviceWorker' in navigator ? navigator.serviceWorker : undefined
}

/** Only here: the desktop window and a local page are nothing to install. */
function linkManifest(): void {
  if (document.querySelector('link[rel="manifest"]')) return
  const link = document.createElement('link')
  link.rel = 'manifest'
  link.href = './manifest.webmanifest'
  document.head.append(link)
}
