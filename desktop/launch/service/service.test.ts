import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'plist'
import { afterAll, describe, expect, it } from 'vitest'
import { launchdPlist } from './launchdPlist.ts'
import { installPlan, removePlan } from './servicePlan.ts'
import { checkServiceSpec, type ServiceSpec } from './serviceSpec.ts'
import { quote, systemdUnit } from './systemdUnit.ts'
import { windowsCommandLine, windowsServiceCommands } from './windowsService.ts'

const folder = mkdtempSync(join(tmpdir(), 'pictor-service-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const specOf = (more: Partial<ServiceSpec> = {}): ServiceSpec => ({
  ...{
    name: 'pictor-worker',
    program: '/opt/pictor-worker/pictor',
    args: ['worker', '--data', '/var/lib/pictor-worker'],
    home: '/var/lib/pictor-worker',
  },
  ...{ dataFolder: '/var/lib/pictor-worker', installFolder: '/opt/pictor-worker', scope: 'system', user: 'pictor-worker' },
  ...more,
})
/** null where it is not installed. */
const systemdAnalyze = (): string | null => (spawnSync('systemd-analyze', ['--version']).error === undefined ? 'systemd-analyze' : null)
/** Everything that a line, a string, a specifier, a variable or an element could end with. */
const nasty = `/srv/my "farm"/50% of $HOME & <all>\\'s`

/** As systemd reads one line of words: C escapes in double quotes, `%%` and `$$` for themselves. */
const unquote = (line: string): string[] =>
  [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replace(/\\(.)/g, '$1').replaceAll('%%', '%').replaceAll('$$', '$'),
  )

describe('systemd', () => {
  it.each(['system', 'user'] as const)(
    'takes the %s unit without a complaint, with a path of spaces, quotes, percent and dollar',
    (scope) => {
      const analyze = systemdAnalyze()
      const program = join(folder, 'a b 50% $HOME', 'pictor')
      mkdirSync(join(folder, 'a b 50% $HOME'), { recursive: true })
      writeFileSync(program, '#!/bin/sh\n')
      chmodSync(program, 0o755)
      const unit = systemdUnit(
        specOf({ scope, program, args: ['worker', '--data', nasty], dataFolder: '/var/lib/with space', user: 'daemon' }),
      )
      expect(unquote(/^ExecStart=(.*)$/m.exec(unit)?.[1] ?? '')).toEqual([program, 'worker', '--data', nasty])
      const path = join(folder, `pictor-${scope}.service`)
      writeFileSync(path, unit)
      // Where the tool is not there, the words were compared above.
      if (analyze === null) return
      const { stdout, stderr } = spawnSync(analyze, ['verify', '--man=no', ...(scope === 'user' ? ['--user'] : []), path], {
        encoding: 'utf8',
      })
      expect(`${stdout}${stderr}`.split('\n').filter((line) => line.includes(`pictor-${scope}`))).toEqual([])
    },
  )

  it('would complain of a word it does not know (so that silence proves something)', () => {
    const analyze = systemdAnalyze()
    if (analyze === null) return
    const path = join(folder, 'wrong.service')
    writeFileSync(path, systemdUnit(specOf()).replace('NoNewPrivileges=yes', 'NoNewPriviledges=yes'))
    const { stderr } = spawnSync(analyze, ['verify', '--man=no', path], { encoding: 'utf8' })
    expect(stderr).toContain('NoNewPriviledges')
  })

  it('shuts the service in, and leaves what Blender and its sandbox need', () => {
    const unit = systemdUnit(specOf())
    for (const line of ['User=pictor-worker', 'ProtectSystem=strict', 'ProtectHome=yes', 'CapabilityBoundingSet=', 'NoNewPrivileges=yes'])
      expect(unit.split('\n')).toContain(line)
    expect(unit).toContain('ReadWritePaths="/var/lib/pictor-worker"\nReadWritePaths="/opt/pictor-worker"')
    for (const word of ['PrivateDevices', 'RestrictNamespaces', 'ProtectKernelTunables', 'ProtectProc', 'MemoryDenyWriteExecute'])
      expect(unit).not.toContain(word)
    expect(systemdUnit(specOf({ dataFolder: '/home/ada/pictor' }))).not.toContain('ProtectHome')
  })

  it('refuses a program that systemd could not start', () =>
    expect(() => systemdUnit(specOf({ program: '/opt/"x"/pictor' }))).toThrow('REQUEST_INVALID'))

  it('quotes as systemd reads', () => expect(quote('a"b\\c%d$e')).toBe('"a\\"b\\\\c%%d$$e"'))
})

it('launchd’s property list reads back as what was meant', () => {
  const read = parse(launchdPlist(specOf({ args: ['worker', '--data', nasty], scope: 'user' }))) as Record<string, unknown>
  expect(read).toMatchObject({
    Label: 'network.pictor.pictor-worker',
    ProgramArguments: ['/opt/pictor-worker/pictor', 'worker', '--data', nasty],
    KeepAlive: { SuccessfulExit: false },
    Umask: 0o077,
  })
  expect(read).not.toHaveProperty('UserName')
  expect(parse(launchdPlist(specOf({ user: 'ada' })))).toMatchObject({ UserName: 'ada' })
})

it('a Windows service is made with words that stay whole, as an account without rights', () => {
  const spec = specOf({
    ...{ program: 'C:\\Program Files\\Pictor\\pictor.cmd', args: ['worker', '--data', 'C:\\ProgramData\\My "Farm"'] },
    ...{ dataFolder: 'C:\\ProgramData\\My Farm', installFolder: 'C:\\Program Files\\Pictor', user: 'LocalService' },
  })
  const commands = windowsServiceCommands(checkServiceSpec(spec))
  expect(commands[0]?.args.slice(-6)).toEqual(['/d', '/c', spec.program, ...spec.args])
  expect(commands[1]?.args).toContain('NT AUTHORITY\\LocalService')
  expect(windowsCommandLine({ program: 'x', args: ['C:\\a b', 'plain', 'say "hi"'] })).toBe('x "C:\\a b" plain "say ""hi"""')
  expect(installPlan(spec, 'win32').unverified).toBe(true)
})

it.each([
  { name: 'pictor worker' },
  { name: '../../etc/passwd' },
  { name: 'a\nExecStart=/bin/evil' },
  { user: 'root\nUser=other' },
  { dataFolder: '/var/lib/x\nExecStartPost=/bin/evil' },
  { args: ['worker', 'a\u0000b'] },
  { program: 'pictor' },
])('refuses %j', (more) => {
  for (const platform of ['linux', 'darwin', 'win32'] as const) expect(() => installPlan(specOf(more), platform)).toThrow('REQUEST_INVALID')
})

it('as root it makes a user of its own and gives it the folders; taking it away leaves the data', () => {
  const { steps } = installPlan(specOf(), 'linux')
  const commands = steps.flatMap((step) => (step.kind === 'run' ? [[step.command.program, ...step.command.args].join(' ')] : []))
  expect(commands.some((line) => /^useradd --system .*--shell \/usr\/sbin\/nologin pictor-worker$/.test(line))).toBe(true)
  expect(commands).toContain('chown -R pictor-worker:pictor-worker /var/lib/pictor-worker /opt/pictor-worker')
  expect(commands.at(-1)).toBe('systemctl enable --now pictor-worker.service')
  const removed = JSON.stringify(removePlan(specOf(), 'linux'))
  expect(removed).toContain('/etc/systemd/system/pictor-worker.service')
  expect(removed).not.toContain('/var/lib')
})
