import { describe, expect, it, vi } from 'vitest'
import { barLine, progressBar } from './progressBar.ts'
import type { Terminal } from './terminal.ts'

describe('a progress bar', () => {
  it('shows label, bar, per cent and note', () => {
    expect(barLine('render', 0.5, 'frame 2 of 4', 120)).toBe(`render ${'█'.repeat(15)}${'░'.repeat(15)}  50 %  frame 2 of 4`)
  })

  it.each([
    [-1, '  0 %'],
    [2, '100 %'],
    [Number.NaN, '  0 %'],
  ])('holds %s within the bar', (fraction, shown) => {
    expect(barLine('x', fraction, '', 80)).toContain(shown)
  })

  it('never becomes wider than the terminal', () => {
    expect(barLine('upload', 1, 'a very long name of a file.blend'.repeat(4), 60).length).toBeLessThan(60)
  })

  it('draws nothing where stdout is no terminal', () => {
    const draw = vi.fn()
    const nothing = () => undefined
    const terminal: Terminal = {
      json: false,
      interactive: false,
      say: nothing,
      print: nothing,
      printJson: nothing,
      draw,
      columns: () => 80,
    }
    const bar = progressBar(terminal, 'x')
    bar.update(1, '')
    bar.finish()
    expect(draw).not.toHaveBeenCalled()
  })
})
