import type { UpdateNote } from '#shared/collections/node.schema.ts'

const offKeys: Record<string, string> = {
  noFeed: 'update.off.noFeed',
  noKey: 'update.off.noKey',
  notPackaged: 'headless.notPackaged',
  switchedOff: 'update.off.switchedOff',
  packageManager: 'headless.image',
  notWritable: 'headless.notWritable',
}
const plainStates = new Set(['checking', 'available', 'downloaded', 'draining', 'restarting'])

/** The sentence about a node's update, as a key of the words. `time` writes a moment. */
export function programLine(note: UpdateNote, time: (atMs: number) => string): { key: string; values: Record<string, string> } {
  const { state, reason = '', version = '', checkedAt } = note
  if (state === 'disabled') return { key: offKeys[reason] ?? 'update.off.switchedOff', values: {} }
  if (plainStates.has(state)) return { key: `update.states.${state}`, values: { version } }
  // How far it is moves by the second and does not stand in the document.
  if (state === 'downloading') return { key: 'update.states.available', values: { version } }
  // Idle; and states of a newer version than this dashboard.
  if (checkedAt === undefined) return { key: 'update.states.neverChecked', values: {} }
  return { key: 'update.states.checkedAt', values: { time: time(checkedAt) } }
}
