import { describe, expect, it } from 'vitest'
import { matchCommands, type Command } from './matchCommands.ts'

const command = (group: Command['group'], label: string, more = ''): Command => ({
  ...{ id: `${group}/${label}`, group, label, more, icon: 'x' },
  run: () => undefined,
})
const all = [
  command('jobs', 'Kitchen, night', 'job-1'),
  command('workers', 'Rack A', 'node-7 studio'),
  command('workers', 'Studio PC', 'node-8'),
  command('pages', 'Công việc'),
  command('pages', 'Đang xử lý'),
  command('actions', 'New worker'),
]
const labels = (search: string, limit = 9): string[] => matchCommands(all, search, limit).map(({ label }) => label)

describe('matchCommands', () => {
  it('finds by name, id and tag, those that begin with it first', () => {
    expect(labels('studio')).toEqual(['Studio PC', 'Rack A'])
    expect(labels('node-7')).toEqual(['Rack A'])
    expect(labels('night kit')).toEqual(['Kitchen, night'])
  })
  it('has what can be done with ticked workers before other actions, but never first while nothing is typed', () => {
    const ticked = [command('actions', 'Pause here'), command('selection', 'Pause'), ...all]
    expect(matchCommands(ticked, 'pause', 9).map(({ group }) => group)).toEqual(['selection', 'actions'])
    expect(matchCommands(ticked, '', 9)[0]?.group).toBe('pages')
  })
  it('does not mind accents and case', () => {
    expect(labels('cong VIEC')).toEqual(['Công việc'])
    expect(labels('dang')).toEqual(['Đang xử lý'])
  })
  it('shows pages and actions before anything is typed, and never more than fit', () => {
    expect(labels('', 3)).toEqual(['Công việc', 'Đang xử lý', 'New worker'])
    expect(labels('nothing of it')).toEqual([])
  })
})
