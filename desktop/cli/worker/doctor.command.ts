import { Command } from 'commander'
import { z } from 'zod'
import type { JsonObject } from '#shared/json.ts'
import {
  checkRequirements,
  homeRequirements,
  requirementsSchema,
  type Check,
  type CheckCode,
  type Requirements,
} from '#shared/rules/requirements.ts'
import { programNames } from '#shared/words/programs.ts'
import { checkWords } from '#shared/words/checks.en.ts'
import { askInstance } from '../../launch/controlClient.ts'
import { readInstance } from '../../launch/instanceFile.ts'
import { examineComputer, type Examination } from '../../runtime/entry.ts'
import { keyOf } from '../status/status.command.ts'
import { exitCodes } from '../console/exitCodes.ts'
import { terminalLogger, type Terminal } from '../console/terminal.ts'
import { dataPath, type CliContext } from '../context.ts'
import { dataOption, jsonOption } from '../options.ts'

/** `pictor worker doctor`: what this computer has, what a worker needs, and what to do where the two differ. */
export function doctorCommand(context: CliContext): Command {
  return new Command('doctor')
    .description('look this computer over: each requirement with what was found and how to mend it; exit code 1 when it cannot work')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action((options: { data?: string; json?: boolean }) =>
      context.run(options.json, async (terminal) => {
        const folder = dataPath(options.data)
        const [asked, found] = await Promise.all([
          askedHere(folder),
          examineComputer({ dataFolder: folder, log: terminalLogger(terminal) }),
        ])
        const checks = checkRequirements(asked.requirements, found)
        const fit = checks.every(({ state }) => state !== 'fail')
        print(terminal, checks, found)
        const instance = readInstance(folder)
        const keyFingerprint = instance === null ? null : await keyOf(instance)
        if (keyFingerprint !== null)
          terminal.print(`info    Key of this node: ${keyFingerprint} (the worker's page shows the one that the server knows)`)
        terminal.print(fit ? '\nThis computer can work.' : '\nThis computer cannot work yet.')
        // Safe: all of it is plain data, by the schemas of the node's document.
        const value = {
          fit,
          requirementsOf: asked.source,
          checks,
          ...found,
          keyFingerprint,
          failed: checks.filter(({ state }) => state === 'fail'),
        }
        return { value: value as unknown as JsonObject, exitCode: fit ? exitCodes.ok : exitCodes.failed }
      }),
    )
}

/** What the server of the node that runs on this data folder asks; without one, or without a line, what a server of one's own does. */
async function askedHere(folder: string): Promise<{ requirements: Requirements; source: 'server' | 'default' }> {
  const instance = readInstance(folder)
  if (instance?.control != null) {
    const answer = await askInstance(instance, 'node.policy', {}, z.looseObject({ requirements: requirementsSchema })).catch(() => null)
    if (answer !== null) return { requirements: answer.requirements, source: 'server' }
  }
  return { requirements: homeRequirements, source: 'default' }
}

const meanNames = {
  ...{ idle: 'Idle time', fullScreen: 'Full screen', programs: 'Running programs', cpu: 'Load of other programs' },
  ...{ battery: 'Battery', metered: 'Metered network' },
} as const
const systemNames = {
  ...{ containment: 'Containment', cardTelemetry: 'Telemetry of the card', powerCap: 'Power cap' },
  foreignUse: 'Look at other programs (integrity)',
  ...{ pause: 'Suspending a render', service: 'As a service' },
} as const
const marks = { pass: 'ok    ', advice: 'advice', fail: 'FAIL  ', unknown: '?     ' } as const

function print(terminal: Terminal, checks: readonly Check[], { systemMeans, means, software, otherPrograms, hardware }: Examination): void {
  for (const { code, subject, state, found, wanted } of checks) {
    const { name, fix } = checkWords[code as CheckCode]
    const what = subject === '' ? name : `${name} (${subject})`
    terminal.print(`${marks[state]}  ${what}: ${found}${state === 'pass' ? '' : `, wanted ${wanted}`}`)
    if (state === 'advice' || state === 'fail') terminal.print(`        ${fix}`)
  }
  for (const { version, proofs = [] } of software)
    for (const { backend, card, works, code, reason, ms } of proofs) {
      const where = card === '' ? backend : `${backend} on ${card}`
      const outcome = works ? `renders (first sample ${(ms / 1_000).toFixed(1)} s)` : `passed over: ${reason ?? code ?? 'failed'}`
      terminal.print(`info    Blender ${version}, ${where}: ${outcome}`)
    }
  for (const { kind, version, path } of otherPrograms)
    terminal.print(`info    ${programNames[kind] ?? kind} ${version || '?'}: ${path ?? ''}`)
  for (const { name, kind, sizeMiB } of hardware.disks ?? [])
    terminal.print(`info    Disk ${name}: ${Math.round(sizeMiB / 1_024)} GiB (${kind})`)
  for (const { what, how, state } of systemMeans)
    terminal.print(`info    ${systemNames[what]}: ${state === 'missing' ? 'not to be had here' : `${how} (${state})`}`)
  for (const { fact, how, state } of means)
    terminal.print(`info    ${meanNames[fact]}: ${state === 'missing' ? 'cannot be told here' : `${how} (${state})`}`)
}
