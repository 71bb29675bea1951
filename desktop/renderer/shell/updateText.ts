import type { UpdateState } from '#shared/updates/updateState.ts'

/** Key and values of the sentence for where the update is. */
export function updateText(state: UpdateState, timeOf: (atMs: number) => string): { key: string; values: Record<string, string> } {
  switch (state.name) {
    case 'disabled':
      return { key: `update.off.${state.reason}`, values: {} }
    case 'idle':
      return state.checkedAt === null
        ? { key: 'update.states.neverChecked', values: {} }
        : { key: 'update.states.checkedAt', values: { time: timeOf(state.checkedAt) } }
    case 'checking':
      return { key: 'update.states.checking', values: {} }
    case 'downloading':
      return { key: 'update.states.downloading', values: { version: state.release.version, percent: String(Math.round(state.percent)) } }
    case 'available':
    case 'downloaded':
    case 'draining':
    case 'restarting':
      return { key: `update.states.${state.name}`, values: { version: state.release.version } }
  }
}
