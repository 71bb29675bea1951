import type { Terminal } from './terminal.ts'

export interface ProgressBar {
  /** `fraction` 0..1; `note` stands behind the bar. */
  update(fraction: number, note: string): void
  /** Leaves the bar as it stands and goes to the next line. */
  finish(): void
}

/** A line with a bar, drawn over itself; where stdout is no terminal it draws nothing. */
export function progressBar(terminal: Terminal, label: string): ProgressBar {
  if (!terminal.interactive) return { update: () => undefined, finish: () => undefined }
  let drawn = ''
  return {
    update(fraction, note) {
      const line = barLine(label, fraction, note, terminal.columns())
      if (line === drawn) return
      drawn = line
      terminal.draw(`\r${line}\u001b[K`)
    },
    finish() {
      if (drawn !== '') terminal.draw('\n')
    },
  }
}

/** "render   ████████░░░░  67 %  frame 4 of 6", cut to the width of the terminal. */
export function barLine(label: string, fraction: number, note: string, columns: number): string {
  const share = Math.min(1, Math.max(0, Number.isFinite(fraction) ? fraction : 0))
  const width = Math.max(10, Math.min(30, columns - label.length - note.length - 12))
  const full = Math.round(share * width)
  const percent = String(Math.floor(share * 100)).padStart(3)
  return `${label} ${'█'.repeat(full)}${'░'.repeat(width - full)} ${percent} %  ${note}`.slice(0, Math.max(20, columns - 1))
}
