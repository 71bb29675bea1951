import { expect, it } from 'vitest'
import { appError, toAppError } from './appError.ts'
import { blameFullDisk } from './blameFullDisk.ts'

it('blames the disk only when nothing is free, and only for what a full disk may do', () => {
  const strange = appError('UNEXPECTED', { reason: 'disk I/O error' })
  expect(blameFullDisk(strange, 4_096, 'the data')).toMatchObject({ code: 'DISK_FULL', details: { what: 'the data' } })
  expect(blameFullDisk(strange, 50_000_000, 'the data')).toBe(strange)
  const port = appError('PORT_IN_USE', { port: 1 })
  expect(blameFullDisk(port, 0, 'the data')).toBe(port)
})

it.each([
  { code: 'ENOSPC' },
  { code: 'EDQUOT' },
  { errcode: 13 },
  { errcode: 13 | (1 << 8) },
  { cause: Object.assign(new Error('x'), { code: 'ENOSPC' }) },
])('knows a full disk by what was thrown: %j', (facts) => {
  expect(toAppError(Object.assign(new Error('it did not work'), facts)).code).toBe('DISK_FULL')
})
