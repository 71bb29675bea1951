import type { Gateway } from '../tasks/ports.ts'
import type { Transfers } from './transfers.ts'

/** The gateway as the movers of files see it: a line on which no files may travel is, for them, no line. */
export function fileLine<Line extends Pick<Gateway, 'isLive' | 'onLive'>>(
  gateway: Line,
  transfers: Pick<Transfers, 'hold' | 'onChange'>,
): Line {
  const isLive = () => gateway.isLive() && transfers.hold() === null
  return {
    ...gateway,
    isLive,
    onLive(listener) {
      let was = isLive()
      const tell = () => {
        const is = isLive()
        if (is !== was) listener(is)
        was = is
      }
      const offs = [gateway.onLive(tell), transfers.onChange(tell)]
      return () => offs.forEach((off) => off())
    },
  }
}
