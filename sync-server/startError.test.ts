import { tmpdir } from 'node:os'
import { expect, it } from 'vitest'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { startError } from './startError.ts'

const thrownWith = (facts: object, cause?: unknown) => Object.assign(new Error('it did not work', { cause }), facts)

it.each([
  ['the system', thrownWith({ code: 'ENOSPC' })],
  ['a quota', thrownWith({ code: 'EDQUOT' })],
  ['SQLite', thrownWith({ code: 'ERR_SQLITE_ERROR', errcode: 13 })],
  ['what lies behind', thrownWith({}, thrownWith({ code: 'ENOSPC' }))],
])('calls a full disk that when %s says so', (_who, thrown) => {
  expect(startError(thrown, tmpdir()).code).toBe('DISK_FULL')
})

it('leaves every other error as it is', () => {
  expect(startError(new AppErrorException(appError('PORT_IN_USE', { port: 1 })), tmpdir())).toMatchObject({ code: 'PORT_IN_USE' })
  expect(startError(thrownWith({ errcode: 10 }), tmpdir())).toMatchObject({ code: 'UNEXPECTED' })
  expect(startError(thrownWith({}), '/nowhere/at/all')).toMatchObject({ code: 'UNEXPECTED' })
})
