import { formatMicro } from '#shared/money.ts'

/** What a page shows of numbers and times, in the user's language and zone. Pure: the language and the present are passed in. */
export interface Formatter {
  locale: string
  /** "12.3456", "0"; amounts below a ten-thousandth show all six decimals, so that something never reads as nothing. */
  money(micro: bigint): string
  /** All six decimals, for a hover or a ledger. */
  moneyExact(micro: bigint): string
  /** Three digits that count, for what is only about so much: "220", "0.0123". */
  moneyRough(micro: bigint): string
  count(value: number): string
  /** With at most one decimal. */
  decimal(value: number): string
  percent(fraction: number): string
  /** "45 s", "6 min", "1 h 12 min", "3 days 4 hr". */
  duration(ms: number): string
  /** "now", "12 s ago", "3 min ago", "2 d ago"; also "in 3 min". */
  age(thenMs: number, nowMs: number): string
  time(ms: number): string
  dateTime(ms: number): string
  day(ms: number): string
  /** A day as the ledger counts it, in UTC: elsewhere its beginning may be the evening before. */
  utcDay(ms: number): string
  /** "25 Nov, 08:00": a time that is not today. */
  dayTime(ms: number): string
  bytes(value: number): string
  memory(mib: number): string
}

const secondMs = 1_000
const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 86_400_000

export function makeFormatter(locale: string): Formatter {
  const number = new Intl.NumberFormat(locale)
  const oneDecimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  const threeDigits = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 })
  const percentFormat = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 })
  const relative = new Intl.RelativeTimeFormat(locale, { style: 'short', numeric: 'always' })
  const relativeNow = new Intl.RelativeTimeFormat(locale, { style: 'short', numeric: 'auto' })
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' })
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' })
  const dayTime = new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' })
  const day = new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric' })
  const utcDay = new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric', timeZone: 'UTC' })
  // Ages stand inside sentences: the full stop of an abbreviation ("min.") would end them too early.
  const ago = (value: number, name: Intl.RelativeTimeFormatUnit): string => relative.format(value, name).replace(/\.(?=\s|$)/g, '')
  const units = new Map<string, Intl.NumberFormat>()
  const unit = (value: number, name: string): string => {
    const key = name
    let format = units.get(key)
    if (!format) {
      // The bare language: some regions write "6 mins", which is longer and changes width.
      format = new Intl.NumberFormat(new Intl.Locale(locale).language, {
        style: 'unit',
        unit: name,
        unitDisplay: 'short',
        maximumFractionDigits: 1,
      })
      units.set(key, format)
    }
    return format.format(value)
  }
  const point = oneDecimal.format(1.5).charAt(1)
  const group = (text: string): string => {
    const [whole = '0', fraction] = text.split('.')
    const grouped = number.format(BigInt(whole))
    const sign = text.startsWith('-') && !grouped.startsWith('-') ? '-' : ''
    return fraction === undefined ? sign + grouped : `${sign}${grouped}${point}${fraction}`
  }
  return {
    locale,
    money(micro) {
      if (micro === 0n) return '0'
      const size = micro < 0n ? -micro : micro
      return group(formatMicro(micro, size > 0n && size < 100n ? 6 : size >= 1_000_000_000n ? 2 : 4))
    },
    moneyExact: (micro) => group(formatMicro(micro, 6)),
    moneyRough: (micro) => threeDigits.format(Number(micro) / 1_000_000),
    count: (value) => number.format(value),
    decimal: (value) => oneDecimal.format(value),
    percent: (fraction) => percentFormat.format(fraction),
    duration(ms) {
      const whole = Math.max(0, ms)
      if (whole < 10 * secondMs && whole > 0) return unit(Math.round(whole / 100) / 10, 'second')
      if (whole < 90 * secondMs) return unit(Math.round(whole / secondMs), 'second')
      if (whole < hourMs) return unit(Math.round(whole / minuteMs), 'minute')
      const minutes = Math.round(whole / minuteMs)
      if (whole < dayMs) return `${unit(Math.floor(minutes / 60), 'hour')} ${minutes % 60 > 0 ? unit(minutes % 60, 'minute') : ''}`.trim()
      const hours = Math.round(whole / hourMs)
      return `${unit(Math.floor(hours / 24), 'day')} ${hours % 24 > 0 ? unit(hours % 24, 'hour') : ''}`.trim()
    },
    age(thenMs, nowMs) {
      const difference = thenMs - nowMs
      const size = Math.abs(difference)
      if (size < 5 * secondMs) return relativeNow.format(0, 'second')
      if (size < minuteMs) return ago(Math.trunc(difference / secondMs), 'second')
      if (size < hourMs) return ago(Math.trunc(difference / minuteMs), 'minute')
      if (size < dayMs) return ago(Math.trunc(difference / hourMs), 'hour')
      return ago(Math.trunc(difference / dayMs), 'day')
    },
    time: (ms) => time.format(ms),
    dateTime: (ms) => dateTime.format(ms),
    day: (ms) => day.format(ms),
    utcDay: (ms) => utcDay.format(ms),
    dayTime: (ms) => dayTime.format(ms),
    bytes(value) {
      const names = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']
      let step = 0
      let rest = value
      while (rest >= 1_000 && step < names.length - 1) {
        rest /= 1_000
        step += 1
      }
      return unit(rest >= 100 ? Math.round(rest) : rest, names[step] ?? 'byte')
    },
    memory: (mib) => (mib >= 1_024 ? `${oneDecimal.format(mib / 1_024)} GiB` : `${number.format(Math.round(mib))} MiB`),
  }
}
