import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { wrongFuses } from '../../build/readFuses.ts'
import { isAlive } from '../../desktop/launch/isAlive.ts'
import { waitFor } from '../support/waitFor.ts'
import { reachesItsNode, refusesForeignCalls, skipSetUp } from './checks.ts'
import { expect, test } from './desktop.ts'
import { launchOnElectron } from './electronDriver.ts'
import { packOnHost } from './packedOnHost.ts'
import { processesOf } from './processes.ts'
import { smokeApp } from './smoke/smokeApp.ts'

/*
 * The driver for Electron, Playwright's own `_electron`, on the app that electron-builder packed for tests: started by its arguments, entered by Node's
 * debugger, recorded by the script inside. Only Electron itself is played by the Chromium host.
 */
test('the packed app is driven as the real one will be, and the one that ships is looked at from outside', async ({ computer }) => {
  test.setTimeout(300_000)
  const packed = await packOnHost(computer.folder('packed'))
  const stub = `${dirname(packed.forTests)}/dist/linux-unpacked/pictor-worker`
  expect(await wrongFuses(stub, { EnableNodeCliInspectArguments: true }), 'one fuse differs from the app that ships').toEqual([])

  const app = await launchOnElectron({ kind: 'packed', executable: packed.forTests }, { data: computer.folder('data') })
  try {
    const page = await app.page()
    await skipSetUp(page)
    await reachesItsNode(page)
    await refusesForeignCalls(app)
    expect(await app.permission('media')).toEqual([false, false])
    await expect.poll(async () => (await app.tray()).toolTip, { timeout: 60_000 }).toContain('Ready')
    for (const kind of ['runtime', 'gateway', 'store'] as const)
      await expect.poll(async () => (await processesOf(app, kind)).length, { message: kind, timeout: 60_000 }).toBe(1)
    expect(await app.startAgain(), 'a second start ends').toBe(0)

    await app.closeWindow()
    expect(await app.windows()).toBe(0)
    await app.trayClick()
    await reachesItsNode(await app.page())
    const everyone = (await app.processes()).map(({ pid }) => pid)
    await app.choose('Quit')
    expect(await app.exited).toBe(0)
    await waitFor('the end of all its processes', () => everyone.every((pid) => !isAlive(pid)))
  } finally {
    await app.kill()
  }

  expect(await smoke(packed.asShipped, '1.0.0')).toContain('version 1.0.0 works')
  await expect(smoke(packed.forTests, '1.0.0')).rejects.toThrow('fuses that are not as decided: EnableNodeCliInspectArguments')
  await expect(smokeApp(packed.forTests, computer.folder('debugged')), 'a debugger would be let in').rejects.toThrow('Debugger listening')
})

/** `npm run smoke`, the whole command, as the release workflow gives it. Rejects with what it says when it is not content. */
const smoke = async (program: string, version: string): Promise<string> =>
  (await promisify(execFile)(process.execPath, ['e2e/desktop/smoke/main.ts', program, '--version', version])).stdout
