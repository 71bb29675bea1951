/** One line or one set of bars: `colour` names a variable of the theme, null values are gaps. */
export interface ChartSeries {
  name: string
  values: readonly (number | null)[]
  colour: '--chart-final' | '--chart-self'
}
