/** One line or one set of bars. `colour` names a variable of the theme; null values are gaps. */
export interface ChartSeries {
  key: string
  name: string
  values: readonly (number | null)[]
  colour: `--chart-${string}`
}

/** Colours of parts that are told apart by nothing but their name, in order; the rest of them shares the grey one. */
export const partColours = ['--chart-1', '--chart-2', '--chart-3', '--chart-4', '--chart-5', '--chart-6', '--chart-7'] as const
