import { expect, it } from 'vitest'
import { autostartEntry } from './autostartEntry.ts'

it('quotes every word of the command as the specification of desktop entries asks for', () => {
  expect(autostartEntry('Pictor Worker', ['/opt/Pictor Worker/pictor-worker', '--hidden'], { Terminal: 'false' })).toBe(
    '[Desktop Entry]\nType=Application\nName=Pictor Worker\nExec="/opt/Pictor Worker/pictor-worker" "--hidden"\nTerminal=false\n',
  )
  expect(autostartEntry('x', ['/a"b', '/50% $x`', '/back\\slash'])).toContain(
    String.raw`Exec="/a\\"b" "/50%% \\$x\\${'`'}" "/back\\\\slash"`,
  )
})

it('refuses what would begin another line', () => {
  expect(() => autostartEntry('x', ['/a\nExec=/b'])).toThrow('REQUEST_INVALID')
})
