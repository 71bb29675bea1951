import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { appError } from '#shared/errors/appError.ts'
import { err, ok } from '#shared/result.ts'
import { askInstance } from './controlClient.ts'
import { startControlServer, type ControlServer } from './controlServer.ts'
import type { Instance } from './instanceFile.ts'

let server: ControlServer
beforeEach(async () => {
  server = await startControlServer((name, input) =>
    name === 'echo'
      ? Promise.resolve(ok(input))
      : name === 'throw'
        ? Promise.reject(new Error('x'))
        : Promise.resolve(err(appError('NOT_FOUND'))),
  )
})
afterEach(() => server.stop())

const instance = (token = server.token): Instance => ({
  ...{ kind: 'up', pid: 1, startedAt: 0, gatewayUrl: null, pageUrl: null, ownerId: null, nodeId: null, processes: {} },
  control: { url: server.url, token },
})

describe('asking the running instance', () => {
  it('answers who has the token', async () => {
    await expect(askInstance(instance(), 'echo', { a: 1 }, z.object({ a: z.number() }))).resolves.toEqual({ a: 1 })
  })

  it.each([
    ['a wrong token', 'echo', 'wrong', 'NOT_ALLOWED'],
    ['an unknown name', 'nothing', undefined, 'NOT_FOUND'],
    ['an answer that throws', 'throw', undefined, 'UNEXPECTED'],
  ])('refuses %s as data', async (_what, name, token, code) => {
    await expect(askInstance(instance(token), name, {}, z.unknown())).rejects.toMatchObject({ error: { code } })
  })

  it('says so when nobody is there', async () => {
    const gone = instance()
    await server.stop()
    await expect(askInstance(gone, 'echo', {}, z.unknown())).rejects.toMatchObject({ error: { code: 'SERVER_UNREACHABLE' } })
  })
})
