import { expect, it } from 'vitest'
import type { Notice } from '#shared/collections/notice.schema.ts'
import { freshNotices } from './freshNotices.ts'

const notice = (id: string, at: number, extra: Partial<Notice> = {}): Notice => ({ id, at, ...extra }) as Notice
const ids = (...given: Parameters<typeof freshNotices>) => freshNotices(...given).map(({ id }) => id)

it('shows what came since the page was opened, in order', () => {
  expect(ids([notice('b', 30), notice('a', 20), notice('old', 5)], 10, 0, new Set())).toEqual(['a', 'b'])
})
it('shows nothing twice, nothing that was read elsewhere, nothing that was taken back', () => {
  expect(ids([notice('a', 20), notice('b', 30), notice('c', 40, { deletedAt: 41 })], 10, 25, new Set())).toEqual(['b'])
  expect(ids([notice('a', 20)], 10, 0, new Set(['a']))).toEqual([])
})
it('lets no flood through', () => {
  const many = Array.from({ length: 40 }, (_, index) => notice(`n${index}`, 100 + index))
  expect(ids(many, 0, 0, new Set())).toEqual(['n37', 'n38', 'n39'])
})
