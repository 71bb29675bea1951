import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { ServiceStep } from '../../launch/service/servicePlan.ts'
import type { Command } from '../../launch/service/windowsService.ts'
import type { Terminal } from '../console/terminal.ts'

const stepTimeoutMs = 120_000

/** Does the steps in order. Throws SERVICE_FAILED {command, reason} at the first that fails and may not. */
export function carryOut(steps: readonly ServiceStep[], terminal: Terminal): void {
  for (const step of steps) {
    if (step.kind === 'write') {
      terminal.say(`writing  ${step.path}`)
      mkdirSync(dirname(step.path), { recursive: true })
      writeFileSync(step.path, step.content, { mode: 0o644 })
    } else if (step.kind === 'remove') {
      terminal.say(`removing ${step.path}`)
      rmSync(step.path, { force: true })
    } else {
      terminal.say(`running  ${shellLine(step.command)}`)
      const { ok, said } = runCommandHere(step.command)
      if (!ok && step.mayFail !== true)
        throw new AppErrorException(appError('SERVICE_FAILED', { command: shellLine(step.command), reason: said.slice(-500) || '-' }))
    }
  }
}

export function runCommandHere({ program, args }: Command): { ok: boolean; said: string } {
  const done = spawnSync(program, args, { encoding: 'utf8', timeout: stepTimeoutMs, windowsHide: true })
  if (done.error !== undefined) return { ok: false, said: done.error.message }
  return { ok: done.status === 0, said: `${done.stdout}${done.stderr}`.trim() }
}

/** As it could be typed into a shell. */
export const shellLine = ({ program, args }: Command): string =>
  [program, ...args].map((part) => (/^[\w./:=@%+,-]+$/.test(part) ? part : `'${part.replaceAll("'", `'\\''`)}'`)).join(' ')
