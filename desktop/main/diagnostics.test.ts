import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openDataFolder } from '../launch/dataFolder.ts'
import { exportDiagnostics } from './diagnostics.ts'
import { speechIn } from './words/speech.ts'

const system = vi.hoisted(() => ({ chosen: '', said: [] as string[] }))
vi.mock('electron', () => ({
  app: { getVersion: () => '1.2.3' },
  dialog: {
    showSaveDialog: () => Promise.resolve({ canceled: system.chosen === '', filePath: system.chosen }),
    showMessageBox: ({ message }: { message: string }) => {
      system.said.push(message)
      return Promise.resolve({ response: 0 })
    },
  },
}))
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-diagnostics-'))
  Object.assign(system, { chosen: join(folder, 'out.txt'), said: [] })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function make() {
  const data = openDataFolder(join(folder, 'data'))
  mkdirSync(data.logs, { recursive: true })
  const secrets = ['eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJub2RlLTEifQ.c2lnbmF0dXJlLW9mLWEtdG9rZW4', 'hunter2-hunter2', 'couch-pass-word']
  writeFileSync(
    join(data.logs, 'gateway.log'),
    [
      `{"msg":"signed in","authorization":"Bearer ${secrets[0]}"}`,
      `{"msg":"asked","password":"${secrets[1]}"}`,
      `connected to http://admin:${secrets[2]}@127.0.0.1:5984`,
      ...Array.from({ length: 3_000 }, (_each, index) => `line ${index}`),
      `{"msg":"the last line","cookie":"session=${secrets[0]}"}`,
    ].join('\n'),
  )
  writeFileSync(join(data.logs, 'app.log.1'), `{"password":"${secrets[1]}"} http://admin:${secrets[2]}@host/ an older file\n`)
  writeFileSync(join(data.logs, 'node.key'), 'never read')
  return { data, secrets }
}

it('holds the facts and the ends of all logs, and no secret', async () => {
  const { data, secrets } = make()
  const path = await exportDiagnostics({ data, speech: speechIn('en', []), facts: { node: 'up', ownerToken: secrets[0] } })
  expect(path).toBe(system.chosen)
  const text = readFileSync(path ?? '', 'utf8')
  for (const secret of [...secrets, 'never read']) expect(text).not.toContain(secret)
  for (const fact of ['"app": "1.2.3"', '"node": "up"', '=== gateway.log', 'the last line', 'line 2999', '=== app.log.1', 'an older file'])
    expect(text).toContain(fact)
  expect(text, 'the end, not all of it').not.toContain('line 5\n')
  expect(statSync(path ?? '').mode & 0o077).toBe(0)
  expect(system.said).toEqual([`Saved to ${path}. Secrets were removed.`])
})

it('writes nothing when the person gives it up, and says so when it cannot be written', async () => {
  const { data } = make()
  system.chosen = ''
  expect(await exportDiagnostics({ data, speech: speechIn('en', []), facts: {} })).toBeNull()
  expect(system.said).toEqual([])
  system.chosen = join(folder, 'no such folder', 'out.txt')
  expect(await exportDiagnostics({ data, speech: speechIn('en', []), facts: {} })).toBeNull()
  expect(existsSync(system.chosen)).toBe(false)
  expect(system.said).toEqual(['Pictor Worker could not do it'])
})
