const morningHour = 8

/** Until when "until tomorrow" lasts: 8:00 of the next day by the clock of this computer, in ms. */
export function tomorrowMorning(nowMs: number): number {
  const morning = new Date(nowMs)
  morning.setDate(morning.getDate() + 1)
  morning.setHours(morningHour, 0, 0, 0)
  return morning.getTime()
}
