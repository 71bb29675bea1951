import { answerFor, cacheName, outdatedCaches, type Precache } from './precache.ts'

/**
 * Lets the dashboard of a server open without a network: keeps the files of its build, of one version, and nothing else. Written into the build's
 * root by build/precachePlugin.ts. It takes over when the person says so (or when no page is open), never in the middle of something.
 */
declare const __PRECACHE__: Precache

/** What is used of the worker's global scope; the page's own types do not have it. */
interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface FetchEvent extends Event {
  readonly request: Request
  respondWith(response: Promise<Response>): void
}
interface WorkerScope {
  readonly registration: { readonly scope: string }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void
}
// Safe: this file only ever runs as a service worker.
const worker = self as unknown as WorkerScope

const { version, files } = __PRECACHE__
const known = new Set(files)

async function install(): Promise<void> {
  const cache = await caches.open(cacheName(version))
  // Past the browser's own cache: a page and files of two versions must not meet.
  await cache.addAll(files.map((file) => new Request(new URL(file, worker.registration.scope), { cache: 'reload' })))
}

async function cleanUp(): Promise<void> {
  await Promise.all(outdatedCaches(await caches.keys(), version).map((name) => caches.delete(name)))
}

async function answer(request: Request, file: string): Promise<Response> {
  const url = new URL(file, worker.registration.scope)
  const own = await caches.open(cacheName(version))
  return (await own.match(url)) ?? fetch(request)
}

/** A file of an older version that a page still open asks for. */
async function fromAnyVersion(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request)
}

worker.addEventListener('install', (event) => event.waitUntil(install()))
worker.addEventListener('activate', (event) => event.waitUntil(cleanUp()))
worker.addEventListener('message', ({ data }) => {
  if (data === 'takeOver') void worker.skipWaiting()
})
worker.addEventListener('fetch', (event) => {
  const { request } = event
  const { scope } = worker.registration
  const file = answerFor(request, scope, known)
  if (file !== null) event.respondWith(answer(request, file))
  else if (request.method === 'GET' && request.url.startsWith(`${scope}assets/`)) event.respondWith(fromAnyVersion(request))
})
