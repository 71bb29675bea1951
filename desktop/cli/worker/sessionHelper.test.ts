import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { JsonObject } from '#shared/json.ts'
import { ok } from '#shared/result.ts'
import { startControlServer, type ControlServer } from '../../launch/controlServer.ts'
import { readSessionFile, removeSessionFile, writeSessionFile } from '../../launch/sessionFile.ts'
import { systemClock } from '../../launch/systemClock.ts'
import { startSessionHelper } from './sessionHelper.ts'

let folder = ''
let control: ControlServer
let asked: { name: string; input: JsonObject }[]
const file = () => join(folder, 'session.json')

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-session-'))
  asked = []
  control = await startControlServer(async (name, input) => {
    asked.push({ name, input })
    return ok({})
  })
})
afterEach(async () => {
  await control.stop()
  rmSync(folder, { recursive: true, force: true })
})

const ask = (name: string, token: string) =>
  fetch(`${control.url}/ask`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: JSON.stringify({ name, input: {} }) })

it('reports to the service that runs, and to the one that is started after it', async () => {
  writeSessionFile(file(), control)
  expect(statSync(file()).mode & 0o777).toBe(0o644)
  let idleMs = 1_000
  // Each wait is over at once: what is tested is what is said, not when.
  const clock = { ...systemClock, after: (_ms: number, run: () => void) => systemClock.after(10, run) }
  const stop = startSessionHelper({ sessionFile: file(), session: 'ada 7', clock, look: async () => ({ idleMs, fullScreen: true }) })
  await expect.poll(() => asked[0]).toEqual({ name: 'session.report', input: { session: 'ada 7', idleMs: 1_000, fullScreen: true } })
  await control.stop()
  removeSessionFile(file())
  control = await startControlServer(async (name, input) => {
    asked.push({ name, input })
    return ok({})
  })
  idleMs = 2_000
  writeSessionFile(file(), control)
  await expect.poll(() => asked.at(-1)?.input['idleMs']).toBe(2_000)
  stop()
})

it('the token of the file opens nothing but reports', async () => {
  expect((await ask('session.report', control.sessionToken)).status).toBe(200)
  for (const name of ['page.link', 'node.look', 'system.event', 'computer.pause', 'launcher.update'])
    expect((await ask(name, control.sessionToken)).status, name).toBe(403)
  expect((await ask('session.report', 'x'.repeat(43))).status).toBe(403)
  expect((await ask('node.look', control.token)).status).toBe(200)
  expect(asked.map(({ name }) => name)).toEqual(['session.report', 'node.look'])
})

it('sends nothing to an address that somebody else wrote there', () => {
  for (const content of [
    '',
    '{',
    JSON.stringify({ url: 'http://evil.example', token: 'x'.repeat(43) }),
    JSON.stringify({ url: control.url, token: 'x' }),
  ]) {
    writeFileSync(file(), content)
    expect(readSessionFile(file())).toBeNull()
  }
})
