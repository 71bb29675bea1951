import { describe, expect, it } from 'vitest'
import type { NodeLook } from '#shared/api/runtimeAsks.ts'
import { statusReasons } from '#shared/rules/statusReasons.ts'
import { initialUpdateState } from '#shared/updates/updateState.ts'
import { shellWords } from '../words.ts'
import { formatMicro } from './formatMicro.ts'
import { trayStateOf } from './trayState.ts'

const look: NodeLook = { status: 'online', code: 'READY', untilMs: null, activeTasks: 0, earnedTodayMicro: '1234567', lineCut: false }

describe('the tray says what is the case', () => {
  it.each([
    [{ status: 'processing', code: 'RENDERING' }, 'working', 'Rendering'],
    [{ status: 'processing', code: 'RENDERING', lineCut: true }, 'working', 'the line to the server is cut'],
    [{ status: 'online' }, 'ready', 'Ready for work'],
    [{ status: 'online', lineCut: true }, 'ready', 'the line to the server is cut'],
    [{ status: 'offline', code: 'ON_BATTERY' }, 'held', 'Held back: on battery'],
    [{ status: 'offline', code: 'PAUSED_HERE' }, 'held', 'paused on this computer'],
    [{ status: 'blocked', code: 'FOREIGN_GPU_LOAD' }, 'problem', 'another program'],
    [{ status: 'unsupported', code: 'BLENDER_NOT_FOUND' }, 'problem', 'Blender was not found'],
    [{ status: 'unsupported', code: 'RAM_TOO_SMALL' }, 'problem', 'requirement'],
    [{ status: 'terminated', code: 'CRASH' }, 'problem', 'cut short'],
  ] as const)('%j', (part, icon, words) => {
    const state = trayStateOf({ ...look, ...part }, false, initialUpdateState)
    expect(state.icon).toBe(icon)
    expect(state.line).toContain(words)
    expect(state.earned).toBe('Earned today: 1.2345 PICTOR')
    expect(state.canResume).toBe('code' in part && part.code === 'PAUSED_HERE')
  })

  it('never calls a node that is down or unknown ready', () => {
    expect(trayStateOf(look, true, initialUpdateState)).toMatchObject({ icon: 'problem', canPause: false })
    expect(trayStateOf(null, false, initialUpdateState).line).toBe(shellWords.status.starting)
  })

  it('says that it waits for an update', () => {
    const draining = { name: 'draining', release: { version: '2.0.0', releaseNotes: null }, deadlineAt: 1 } as const
    expect(trayStateOf(look, false, draining).line).toBe(shellWords.status.waitingForUpdate)
  })

  it('has words for every reason to be held back', () => {
    const silent = new Set(['NEVER_STARTED', 'QUIT', 'NOT_HEARD', 'NOT_HEARD_WHILE_RENDERING'])
    const missing = statusReasons.offline.filter((code) => !silent.has(code) && shellWords.holds[code] === undefined)
    expect(missing).toEqual([])
  })
})

it.each([
  ['0', '0.00'],
  ['1', '0.00'],
  ['1000000', '1.00'],
  ['1999999', '1.9999'],
  ['123456789012345678', '123456789012.3456'],
  ['-1500000', '-1.50'],
])('%s micro-PICTOR is %s', (micro, text) => expect(formatMicro(micro)).toBe(text))
