import { describe, expect, it } from 'vitest'
import type { NodeLook } from '#shared/api/runtimeAsks.ts'
import { initialUpdateState } from '#shared/updates/updateState.ts'
import { speechIn } from '../words/speech.ts'
import { trayStateOf } from './trayState.ts'

const look: NodeLook = { status: 'online', code: 'READY', untilMs: null, activeTasks: 0, earnedTodayMicro: '1234567', lineCut: false }
const english = speechIn('en', [])
const untilMs = new Date(2026, 0, 1, 22, 5).getTime()

describe('the tray says what is the case', () => {
  it.each([
    [{ status: 'processing', code: 'RENDERING' }, 'working', 'Rendering'],
    [{ status: 'processing', code: 'RENDERING', lineCut: true }, 'working', 'the line to the server is cut'],
    [{ status: 'online' }, 'ready', 'Ready for work'],
    [{ status: 'online', lineCut: true }, 'ready', 'the line to the server is cut'],
    [{ status: 'online', lineCut: true, line: 'refused' }, 'problem', 'does not let this computer in'],
    [{ status: 'online', lineCut: true, line: 'updateNeeded' }, 'problem', 'needs a newer version'],
    [{ status: 'offline', code: 'ON_BATTERY' }, 'held', 'Held back: on battery'],
    [{ status: 'offline', code: 'SCHEDULE', untilMs }, 'held', 'Held back: outside its hours until 10:05'],
    [{ status: 'offline', code: 'PAUSED_HERE' }, 'held', 'paused on this computer'],
    [{ status: 'offline', code: 'OF_A_LATER_VERSION' }, 'held', 'Held back'],
    [{ status: 'offline', code: 'toString' }, 'held', 'Held back'],
    [{ status: 'blocked', code: 'FOREIGN_GPU_LOAD' }, 'problem', 'another program'],
    [{ status: 'unsupported', code: 'BLENDER_NOT_FOUND' }, 'problem', 'Blender was not found'],
    [{ status: 'unsupported', code: 'RAM_TOO_SMALL' }, 'problem', 'requirement: too little memory'],
    [{ status: 'terminated', code: 'SLEEP' }, 'problem', 'cut short: the computer slept'],
  ] as const)('%j', (part, icon, words) => {
    const state = trayStateOf({ ...look, ...part }, 'up', initialUpdateState, english)
    expect(state.icon).toBe(icon)
    expect(state.line).toContain(words)
    expect(state.earned).toBe('Earned today: 1.2345 PICTOR')
    expect(state.canResume).toBe('code' in part && part.code === 'PAUSED_HERE')
  })

  it('never calls a node that is down or unknown ready, and offers to start one that does not stay up', () => {
    expect(trayStateOf(look, 'down', initialUpdateState, english)).toMatchObject({ icon: 'problem', canPause: false, canStart: false })
    expect(trayStateOf(look, 'gaveUp', initialUpdateState, english)).toMatchObject({ icon: 'problem', canPause: false, canStart: true })
    expect(trayStateOf(null, 'starting', initialUpdateState, english)).toMatchObject({ icon: 'held', line: 'Starting…', canPause: false })
    expect(trayStateOf(null, 'up', initialUpdateState, english).line).toBe('Starting…')
  })

  it('says that it waits for an update', () => {
    const draining = { name: 'draining', release: { version: '2.0.0', releaseNotes: null }, deadlineAt: 1 } as const
    expect(trayStateOf(look, 'up', draining, english).line).toBe('Finishes its frame, then updates to 2.0.0')
  })

  it('says it in the language of the person', () => {
    const state = trayStateOf({ ...look, status: 'offline', code: 'TOO_HOT' }, 'up', initialUpdateState, speechIn('es', []))
    expect(state).toMatchObject({ line: 'En espera: demasiado caliente', earned: 'Ganado hoy: 1,2345 PICTOR' })
  })
})
