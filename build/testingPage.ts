import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** The dashboard with its page-local peer: built, served as the servers do, and with pictures for its frames. For screenshots and their tests. */
const root = fileURLToPath(new URL('..', import.meta.url))
const testingBuild = join(root, 'out/renderer-testing')
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
/** What the servers send; the pages must work under it. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'"

export interface TestingPage {
  address: string
  stop: () => Promise<void>
}

/** Serves the build for screenshots on a free port of this computer, made anew unless `rebuild` is false. */
export async function startTestingPage({ rebuild = true } = {}): Promise<TestingPage> {
  if (rebuild) {
    process.env['PICTOR_FAKE_PEER'] = '1'
    await build({ configFile: join(root, 'build/renderer.vite.ts'), logLevel: 'warn' })
    delete process.env['PICTOR_FAKE_PEER']
  }
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname))
    const answer = answerOf(path)
    if (answer !== null) {
      request.resume()
      response.writeHead(200, { 'content-type': answer.type, 'cache-control': 'no-store' }).end(answer.body)
      return
    }
    const file = join(testingBuild, path === '/' ? 'index.html' : path)
    if (!file.startsWith(testingBuild) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, {
      'content-type': types[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': policy,
      // As from a server: a page that is opened again reads and compiles nothing again.
      'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    })
    createReadStream(file).pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** Stands in for what a real server would send beside the files: a different picture for each frame, and a scene that was uploaded. Null: a file is asked for. */
function answerOf(path: string): { type: string; body: string } | null {
  const frame = /^\/api\/jobs\/[^/]+\/frames\/(\d+)/.exec(path)
  if (frame !== null) return { type: 'image/svg+xml', body: pictureOf(Number(frame[1])) }
  // As from a gateway on which nobody signed in: the page-local peer knows who it is for.
  if (path === '/api/page') return { type: 'application/json', body: JSON.stringify({ place: 'gateway', session: null }) }
  return path.startsWith('/api/scenes') ? { type: 'application/json', body: JSON.stringify({ ok: true, value: stagedScene }) } : null
}

function pictureOf(frame: number): string {
  const hue = (frame * 7 + 210) % 360
  const x = 60 + ((frame * 11) % 200)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180" width="1920" height="1080"><defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="hsl(${hue} 45% 72%)"/><stop offset="1" stop-color="hsl(${hue + 40} 40% 32%)"/></linearGradient><radialGradient id="ball" cx=".35" cy=".3"><stop stop-color="#fff"/><stop offset=".5" stop-color="hsl(${hue + 160} 60% 60%)"/><stop offset="1" stop-color="hsl(${hue + 160} 60% 22%)"/></radialGradient></defs><rect width="320" height="180" fill="url(#sky)"/><path d="M0 130h320v50H0z" fill="hsl(${hue + 30} 25% 28%)"/><ellipse cx="${x}" cy="142" rx="38" ry="7" fill="#0005"/><circle cx="${x}" cy="104" r="37" fill="url(#ball)"/></svg>`
}

const stagedScene = {
  stagedId: 'staged-00000000000000000000',
  name: 'kitchen_v12.blend',
  sizeBytes: 48_300_000,
  info: {
    blenderVersion: '4.2',
    engine: 'CYCLES',
    width: 1920,
    height: 1080,
    samples: 128,
    format: 'PNG',
    wantsDenoiser: 'OPENIMAGEDENOISE',
  },
  frameStart: 1,
  frameEnd: 120,
  warnings: [{ code: 'SCENE_MISSING_FILES', message: '', details: { files: '//textures/wood.png, //textures/floor.exr' } }],
}
