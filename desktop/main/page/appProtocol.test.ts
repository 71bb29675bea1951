import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { serveApp } from './appProtocol.ts'

type Handler = (request: Request) => Promise<Response>
const registered = vi.hoisted(() => ({ handlers: new Map<string, unknown>() }))
vi.mock('electron', () => ({ protocol: { handle: (scheme: string, handler: unknown) => registered.handlers.set(scheme, handler) } }))

let folder = ''
const forward = vi.fn((_path: string, _request: Request) => Promise.resolve(new Response('from the node')))
const ask = (address: string, method = 'GET') => (registered.handlers.get('pictor-app') as Handler)({ url: address, method } as Request)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-page-'))
  writeFileSync(join(folder, 'index.html'), '<h1>')
  serveApp(folder, forward)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it.each([
  ['the page', 'pictor-app://dashboard/', 'GET', 200],
  ['a file that is not there', 'pictor-app://dashboard/assets/none.js', 'GET', 404],
  ['another host', 'pictor-app://evil/', 'GET', 403],
  ['a path out of the folder', 'pictor-app://dashboard/assets/..%2f..%2fpackage.json', 'GET', 404],
  ['another method', 'pictor-app://dashboard/', 'POST', 405],
] as const)('%s is answered with the policy as a header', async (_what, address, method, status) => {
  const response = await ask(address, method)
  expect(response.status).toBe(status)
  const policy = response.headers.get('content-security-policy') ?? ''
  for (const rule of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"])
    expect(policy.split('; ')).toContain(rule)
  expect(policy).not.toMatch(/unsafe-eval|https?:|\*/)
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
})

it('hands /api to the node, and says so when it cannot be reached', async () => {
  expect(await (await ask('pictor-app://dashboard/api/frames/1?small=1')).text()).toBe('from the node')
  expect(forward).toHaveBeenCalledExactlyOnceWith('/api/frames/1?small=1', expect.anything())
  forward.mockRejectedValueOnce(new Error('down'))
  expect((await ask('pictor-app://dashboard/api/frames/1')).status).toBe(502)
  // The host counts here as well.
  expect((await ask('pictor-app://evil/api/frames/1')).status).toBe(403)
})
