import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCli } from '../support/cli.ts'
import { canMount, onReadOnly } from '../support/mounts.ts'
import { openPage } from '../support/openPage.ts'
import { openStores } from '../support/stores.ts'
import { expect, test } from '../support/test.ts'

test('configs that cannot be used, ports that are taken, folders that cannot be written to: a sentence, a code, and what was there stays', async ({
  computer,
  page,
}) => {
  const data = computer.folder('data')
  const up = await computer.startUp(data)
  const { gatewayUrl, nodeId } = up.instance()

  // A config in the page: refused ones change nothing.
  const file = join(data, 'two.pictor.json')
  const made = await runCli(['worker', 'create', 'two', '--out', file, '--data', data, '--json'])
  expect(made.code, made.stderr).toBe(0)
  const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  const variant = (name: string, content: string) => {
    writeFileSync(join(data, name), content)
    return join(data, name)
  }
  const malformed = variant('malformed.pictor.json', '{"format":')
  const expired = variant('expired.pictor.json', JSON.stringify({ ...config, expiresAt: 1 }))
  const foreign = variant('foreign.pictor.json', JSON.stringify({ ...config, serverId: 'server-of-somebody-else' }))
  await openPage(page, up, '/computer')
  const note = page.getByTestId('dialog').getByTestId('error-note')
  for (const [path, code, words] of [
    [malformed, 'CONFIG_MALFORMED', 'malformed.pictor.json cannot be read'],
    [expired, 'CONFIG_EXPIRED', 'Download a new one'],
    [foreign, 'CONFIG_OTHER_SERVER', 'server-of-somebody-else'],
  ] as const) {
    await page.getByTestId('config-file').setInputFiles(path)
    await expect(note).toHaveAttribute('data-code', code)
    await expect(note).toContainText(words)
    // And on the command line, where a new folder is asked to use it.
    const refused = await runCli(['worker', '--config', path, '--data', computer.folder('fresh'), '--json'])
    expect(refused.json()).toMatchObject({ ok: false, error: { code } })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain(`(${code})`)
  }

  const port = new URL(gatewayUrl ?? '').port
  const taken = await runCli(['server', '--port', port, '--data', computer.folder('elsewhere'), '--json'])
  expect(taken.json()).toMatchObject({ ok: false, error: { code: 'PORT_IN_USE', details: { port: Number(port) } } })
  expect(taken.code).toBe(1)

  const inTheWay = variant('file', 'not a folder')
  for (const command of ['up', 'server', 'worker']) {
    const refused = await runCli([command, '--data', inTheWay, '--json'])
    expect(refused.json()).toMatchObject({ ok: false, error: { code: 'DATA_FOLDER_READ_ONLY', details: { path: inTheWay } } })
    expect(refused.code).toBe(1)
  }

  const [node] = await openStores(data).documents('nodes')
  expect(node).toMatchObject({ id: nodeId, holds: [] })
  expect((await up.stop()).code).toBe(0)
  if (canMount) {
    const wrap = onReadOnly(data)
    const refused = await runCli(['up', '--data', data, '--no-open', '--port', '0', '--json'], { wrap })
    expect(refused.json()).toMatchObject({ ok: false, error: { code: 'DATA_FOLDER_READ_ONLY' } })
    expect(refused.code).toBe(1)
  }
  expect(existsSync(join(data, 'instance.json'))).toBe(false)
  const again = await computer.startUp(data)
  expect(again.instance()).toMatchObject({ nodeId, gatewayUrl })
})
