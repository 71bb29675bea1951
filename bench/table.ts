import type { BenchRow } from './row.ts'

const heads = ['what', 'goal', 'ours', 'peer', 'ratio', 'reached']

/** The rows as a table of text, columns as wide as they need to be; notes below. */
export function formatTable(rows: readonly BenchRow[]): string {
  const cells = rows.map((row) => [
    row.what,
    row.goal,
    `${number(row.ours)} ${row.unit}`,
    row.peerValue === null ? row.peer : `${number(row.peerValue)} ${row.unit} (${row.peer})`,
    row.ratio === null ? '' : row.ratio.toFixed(2),
    row.reached === null ? '' : row.reached ? 'yes' : 'NO',
  ])
  const widths = heads.map((head, column) => Math.max(head.length, ...cells.map((line) => line[column]?.length ?? 0)))
  const draw = (line: readonly string[]) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  const notes = rows.filter(({ note }) => note !== undefined).map(({ what, note }) => `${what}: ${note}`)
  return [
    draw(heads),
    draw(widths.map((width) => '─'.repeat(width))),
    ...cells.map(draw),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n')
}

function number(value: number | null): string {
  if (value === null) return '—'
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en')
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 1 ? 1 : 3)
}
