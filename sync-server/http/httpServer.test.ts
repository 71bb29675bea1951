import { mkdirSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { get as httpsGet } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway } from '../entry.ts'
import { startTestGateway, type TestGateway } from '../testing/startTestGateway.ts'
import { forkStore } from '../testing/forkStore.ts'
import { testCertificate, testCertificateKey } from '../testing/testCertificate.ts'
import { quietLog, realClock, temporaryFolder, type TemporaryFolder } from '../testing/testTools.ts'

const largeScript = Array.from({ length: 2_000 }, (_, line) => `export const line${line} = 'the dashboard, line ${line}'\n`).join('')
let folder: TemporaryFolder
let at: TestGateway
beforeAll(async () => {
  folder = temporaryFolder()
  const dashboard = join(folder.path, 'dashboard')
  mkdirSync(join(dashboard, 'assets'), { recursive: true })
  writeFileSync(join(dashboard, 'index.html'), '<!doctype html><title>the dashboard</title>')
  writeFileSync(join(dashboard, 'assets', 'app-1234.js'), 'export {}')
  writeFileSync(join(dashboard, 'assets', 'large-1234.js'), largeScript)
  writeFileSync(join(folder.path, 'secret.txt'), 'secret')
  writeFileSync(join(folder.path, 'dashboard-secret'), 'secret')
  at = await startTestGateway({ dashboardFolder: dashboard })
})
afterAll(async () => {
  await at.remove()
  folder.remove()
})

/** Without the tidying that fetch does to paths. */
function rawGet(path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: at.port, path, headers }, (answer) => {
      let text = ''
      answer.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
    })
    request.on('error', reject).end()
  })
}

describe('the dashboard', () => {
  test('is served, with its page for every view of it, and files by their type', async () => {
    for (const path of ['/', '/workers', '/jobs/job-1?tab=frames']) {
      const { status, body, headers } = await at.request('GET', path)
      expect([status, body]).toEqual([200, '<!doctype html><title>the dashboard</title>'])
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
    const script = await at.request('GET', '/assets/app-1234.js')
    expect(script.headers.get('content-type')).toContain('text/javascript')
    expect(script.headers.get('cache-control')).toContain('immutable')
    expect((await at.request('GET', '/assets/gone.js')).status).toBe(404)
    expect((await at.request('POST', '/workers', { body: {} })).status).toBe(404)
  })

  test('is sent compressed to whoever takes that, each form with its own tag, and answers of the API never are', async () => {
    const asked = (headers: Record<string, string>) =>
      new Promise<{ status: number; headers: Record<string, unknown>; bytes: Buffer }>((resolve, reject) => {
        const request = httpRequest({ host: '127.0.0.1', port: at.port, path: '/assets/large-1234.js', headers }, (answer) => {
          const parts: Buffer[] = []
          answer.on('data', (part: Buffer) => parts.push(part))
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, bytes: Buffer.concat(parts) }))
        })
        request.on('error', reject).end()
      })
    const plain = await asked({})
    expect(plain.bytes.toString()).toBe(largeScript)
    expect(plain.headers).toMatchObject({ vary: 'accept-encoding', 'content-length': String(largeScript.length) })
    expect(plain.headers['content-encoding']).toBeUndefined()
    const forms = [
      { accepted: 'gzip, deflate, br, zstd', encoding: 'br', open: brotliDecompressSync },
      { accepted: 'gzip, br;q=0', encoding: 'gzip', open: gunzipSync },
    ]
    const tags = new Set([plain.headers['etag']])
    for (const { accepted, encoding, open } of forms) {
      const answer = await asked({ 'accept-encoding': accepted })
      expect(answer.headers).toMatchObject({
        'content-encoding': encoding,
        vary: 'accept-encoding',
        'content-length': String(answer.bytes.length),
      })
      expect(answer.bytes.length).toBeLessThan(largeScript.length / 4)
      expect(open(answer.bytes).toString()).toBe(largeScript)
      tags.add(answer.headers['etag'])
      const again = await asked({ 'accept-encoding': accepted, 'if-none-match': String(answer.headers['etag']) })
      expect([again.status, again.bytes.length]).toEqual([304, 0])
    }
    expect(tags.size).toBe(3)
    const hello = await at.request('GET', '/api/hello')
    expect([hello.status, hello.headers.get('content-encoding')]).toEqual([200, null])
  })

  test('nothing outside its folder can be read', async () => {
    for (const path of [
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/assets/../../secret.txt',
      '/..%5csecret.txt',
      '/%00',
      '/../dashboard-secret',
      '/%',
    ])
      expect((await rawGet(path)).text, path).not.toContain('secret')
  })
})

describe('who may speak to it', () => {
  test('pages of other origins and foreign names may not, whatever they ask', async () => {
    for (const headers of [
      { origin: 'https://evil.example' },
      { host: 'evil.example' },
      { host: `evil.example:${at.port}` },
      { origin: 'null' },
    ]) {
      expect((await rawGet('/api/hello', headers as Record<string, string>)).status).toBe(403)
      expect((await rawGet('/', headers as Record<string, string>)).status).toBe(403)
    }
    expect((await rawGet('/api/hello', { host: `localhost:${at.port}`, origin: `http://localhost:${at.port}` })).status).toBe(200)
  })

  test('a browser’s cookie is a session, and a foreign page cannot use it', async () => {
    const { ownerId } = await at.call('owners.add', { name: 'Cookie' })
    const { secret } = await at.call('owners.link', { ownerId })
    const signedIn = await at.request('POST', '/api/session/link', { body: { secret } })
    expect(signedIn.body).not.toHaveProperty('token')
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect((await at.request('GET', '/api/session', { headers: { cookie } })).body).toMatchObject({ ownerId })
    expect((await at.request('GET', '/api/page', { headers: { cookie } })).body).toMatchObject({ place: 'gateway', session: { ownerId } })
    expect((await at.request('GET', '/api/page')).body).toEqual({ place: 'gateway', session: null })
    expect((await at.request('GET', '/api/session', { headers: { cookie, origin: 'https://evil.example' } })).status).toBe(403)
    expect((await at.request('GET', `/api/session?token=${cookie.split('=')[1]}`)).status).toBe(401)
  })
})

describe('bad requests', () => {
  test('are answered with an error as data', async () => {
    const { token } = await at.addOwner('Clumsy')
    const broken = await at.request('POST', '/api/call/server.status', { token, body: '{"broken' })
    expect(broken.status).toBe(400)
    expect(broken.body).toMatchObject({ ok: false, error: { code: 'REQUEST_INVALID' } })
    const large = await at.request('POST', '/api/session/link', { body: { secret: 'x'.repeat(100_000) } })
    expect(large.body).toMatchObject({ ok: false, error: { code: 'REQUEST_INVALID' } })
    expect((await at.request('POST', '/api/session/link', { body: [] })).body).toMatchObject({ error: { code: 'REQUEST_INVALID' } })
    expect((await at.request('POST', '/api/call/no.such', { token, body: {} })).body).toMatchObject({ error: { code: 'NOT_FOUND' } })
    expect((await at.request('POST', '/api/call/__proto__', { token, body: {} })).body).toMatchObject({ error: { code: 'NOT_FOUND' } })
  })

  test('nonsense on the line ends that line only', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(at.port, '127.0.0.1', () => socket.write('this is no http\r\n\r\n'))
      socket
        .on('close', () => resolve())
        .on('error', () => undefined)
        .resume()
    })
    expect((await at.request('GET', '/healthz')).status).toBe(200)
  })
})

describe('where it listens', () => {
  const options = () => ({
    dashboardFolder: folder.path,
    startStore: forkStore,
    log: quietLog,
    clock: realClock,
    dataFolder: join(folder.path, `gateway-${Math.random()}`),
  })

  test('a port that is taken is said so, and a folder that cannot be written too', async () => {
    const taken = await startGateway({ ...options(), host: '127.0.0.1', port: at.port })
    expect(taken).toMatchObject({ ok: false, error: { code: 'PORT_IN_USE', details: { port: at.port } } })
    const file = join(folder.path, 'a-file')
    writeFileSync(file, '')
    const unwritable = await startGateway({ ...options(), host: '127.0.0.1', port: 0, dataFolder: join(file, 'data') })
    expect(unwritable).toMatchObject({ ok: false, error: { code: 'DATA_FOLDER_READ_ONLY' } })
  })

  test('beyond this computer only with TLS or behind a proxy', async () => {
    expect(await startGateway({ ...options(), host: '0.0.0.0', port: 0 })).toMatchObject({ ok: false, error: { code: 'TLS_REQUIRED' } })
    const proxied = await startGateway({ ...options(), host: '0.0.0.0', port: 0, behindProxy: true })
    expect(proxied.ok).toBe(true)
    if (!proxied.ok) return
    const answer = await fetch(`${proxied.value.url}/api/hello`)
    expect(answer.headers.get('strict-transport-security')).not.toBeNull()
    await proxied.value.stop()
  })

  test('with a certificate it speaks TLS', async () => {
    const [certPath, keyPath] = [join(folder.path, 'cert.pem'), join(folder.path, 'key.pem')]
    writeFileSync(certPath, testCertificate)
    writeFileSync(keyPath, testCertificateKey)
    const started = await startGateway({ ...options(), host: '0.0.0.0', port: 0, tls: { certPath, keyPath } })
    if (!started.ok) throw new Error(started.error.message)
    const status = await new Promise((resolve, reject) => {
      httpsGet({ host: '127.0.0.1', port: started.value.port, path: '/healthz', rejectUnauthorized: false }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      }).on('error', reject)
    })
    expect(status).toBe(200)
    expect(started.value.url).toMatch(/^https:/)
    await started.value.stop()
    expect(await startGateway({ ...options(), host: '0.0.0.0', port: 0, tls: { certPath: '/nowhere', keyPath } })).toMatchObject({
      error: { code: 'CONFIG_MALFORMED' },
    })
  })
})
