import { expect, it, vi } from 'vitest'
import { appError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { err, ok } from '#shared/result.ts'
import type { UpdateEngine } from './updateEngine.ts'
import { createUpdateService, drainDeadlineMs, type UpdateServiceOptions } from './updateService.ts'

const release = { version: '1.1.0', releaseNotes: null }
const quiet: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, child: () => quiet }

function make(engine: Partial<UpdateEngine> = {}, more: Partial<UpdateServiceOptions> = {}) {
  const done: string[] = []
  const waits: (() => void)[] = []
  const clock: Clock = {
    now: () => 1_000,
    monotonicMs: () => 0,
    after: (_ms, callback) => {
      waits.push(callback)
      return () => void waits.splice(waits.indexOf(callback), 1)
    },
  }
  const step = <T>(name: string, value: T) => {
    done.push(name)
    return value
  }
  const service = createUpdateService({
    engine: {
      check: async () => step('check', ok(release)),
      download: async () => step('download', ok(null)),
      confirm: async () => step('confirm', ok(null)),
      install: () => step('install', ok(null)),
      setChannel: () => undefined,
      ...engine,
    },
    ...{ clock, log: quiet, random: () => 0.5, onState: ({ name }) => done.push(`(${name})`), automatic: () => true },
    drain: async (deadlineAt) => step(`drain until ${deadlineAt}`, undefined),
    undrain: () => step('undrain', undefined),
    isSystemEnding: () => false,
    ...more,
  })
  return { service, done, waits }
}

it('finds, loads, drains, confirms and installs, in this order, without asking', async () => {
  const { service, done } = make()
  await service.check()
  const until = `drain until ${1_000 + drainDeadlineMs}`
  expect(done).toEqual([
    ...['(checking)', 'check', '(available)', '(downloading)', 'download', '(downloaded)', '(draining)'],
    ...[until, 'confirm', '(restarting)', 'install'],
  ])
})

it('asks the person where updates are not automatic', async () => {
  const { service, done } = make({}, { automatic: () => false })
  await service.check()
  expect(service.state().name).toBe('available')
  await service.download()
  expect(service.state().name).toBe('downloaded')
  expect(done).not.toContain('install')
})

it('stops no work for a password that nobody is there to type', async () => {
  const { service, done } = make({}, { asksForPassword: true })
  await service.check()
  expect(service.state().name).toBe('downloaded')
  expect(done.some((each) => each.startsWith('drain'))).toBe(false)
  await service.restart()
  expect(done).toContain('install')
})

it('never installs what the last look refuses, and lets work go on', async () => {
  const { service, done } = make({ confirm: async () => err(appError('UPDATE_WITHDRAWN', { version: '1.1.0' })) })
  await service.check()
  expect(done).not.toContain('install')
  expect(done).toContain('undrain')
  expect(service.state()).toMatchObject({ name: 'idle', problem: { code: 'UPDATE_WITHDRAWN' } })
})

it('installs nothing while the system goes down, also when it begins to during the drain', async () => {
  const ended = make({}, { isSystemEnding: () => true })
  await ended.service.check()
  expect(ended.service.state().name).toBe('downloaded')
  let ending = false
  const { service, done } = make({}, { isSystemEnding: () => ending, drain: async () => void (ending = true) })
  await service.check()
  expect(done).not.toContain('install')
  expect(done).toContain('undrain')
  expect(service.state().name).toBe('downloaded')
})

it('keeps the update ready after a restart that was stopped, and tries no install then', async () => {
  const draining = Promise.withResolvers<void>()
  const { service, done } = make({}, { drain: () => draining.promise })
  const running = service.check()
  await vi.waitFor(() => expect(service.state().name).toBe('draining'))
  service.veto()
  draining.resolve()
  await running
  expect(service.state().name).toBe('downloaded')
  expect(done).not.toContain('install')
})

it('goes on working after an install that failed', async () => {
  const { service, done } = make({ install: () => err(appError('UPDATE_INSTALL_FAILED', { version: '1.1.0', reason: 'no rights' })) })
  await service.check()
  expect(service.state()).toMatchObject({ name: 'downloaded', problem: { code: 'UPDATE_INSTALL_FAILED' } })
  expect(done.at(-2)).toBe('undrain')
})

it('keeps what was found when only the line was cut, and forgets what is refused', async () => {
  const cut = make({ download: async () => err(appError('UPDATE_FEED_UNREACHABLE', { reason: 'x' })) })
  await cut.service.check()
  expect(cut.service.state().name).toBe('available')
  const wrong = make({ download: async () => err(appError('UPDATE_SIGNATURE_WRONG', { version: '1.1.0' })) })
  await wrong.service.check()
  expect(wrong.service.state()).toMatchObject({ name: 'idle', problem: { code: 'UPDATE_SIGNATURE_WRONG' } })
})

it('looks again later, and not after it was stopped', async () => {
  const { service, done, waits } = make({ check: async () => ok(null) })
  service.start()
  waits.shift()?.()
  await vi.waitFor(() => expect(waits).toHaveLength(1))
  expect(done).toEqual(['(checking)', '(idle)'])
  service.stop()
  expect(waits).toEqual([])
})

it('does nothing where it is switched off', async () => {
  const { service, done } = make()
  service.disable('switchedOff')
  await service.check()
  expect(done).toEqual(['(disabled)'])
  service.enable()
  await service.check()
  expect(service.state().name).toBe('restarting')
})
