import { describe, expect, it } from 'vitest'
import { appError } from '#shared/errors/appError.ts'
import { err, ok } from '#shared/result.ts'
import { readWholeLog } from './readWholeLog.ts'

const peer = (text: string, atOnce: number) => {
  const bytes = new TextEncoder().encode(text)
  const asked: number[] = []
  return {
    asked,
    seriesRead: async (_series: string, from: number) => {
      asked.push(from)
      return ok({ from, text: new TextDecoder().decode(bytes.slice(from, from + atOnce)), size: bytes.length })
    },
  }
}

describe('readWholeLog', () => {
  it('puts the parts together', async () => {
    const text = Array.from({ length: 400 }, (_, line) => `Fra:${line} saved\n`).join('')
    const from = peer(text, 1_000)
    expect(await readWholeLog(from, 'task-1')).toEqual(ok(text))
    expect(from.asked.length).toBeGreaterThan(3)
  })
  it('takes nothing twice when a part begins before what was asked for', async () => {
    const bytes = new TextEncoder().encode('first line\nsecond line\nthird\n')
    const early = {
      seriesRead: async (_series: string, from: number) => {
        const begin = Math.max(0, from - 4)
        return ok({ from: begin, text: new TextDecoder().decode(bytes.slice(begin, begin + 12)), size: bytes.length })
      },
    }
    expect(await readWholeLog(early, 'task-1')).toEqual(ok('first line\nsecond line\nthird\n'))
  })
  it('ends with an empty one, and with a peer that says more than it has', async () => {
    expect(await readWholeLog(peer('', 10), 'task-1')).toEqual(ok(''))
    const liar = { seriesRead: async (_series: string, from: number) => ok({ from, text: '', size: 99 }) }
    expect(await readWholeLog(liar, 'task-1')).toEqual(ok(''))
  })
  it('hands on an error as data', async () => {
    const away = { seriesRead: async () => err(appError('SERVER_UNREACHABLE', { server: 'x' })) }
    expect(await readWholeLog(away, 'task-1')).toMatchObject({ ok: false, error: { code: 'SERVER_UNREACHABLE' } })
  })
})
