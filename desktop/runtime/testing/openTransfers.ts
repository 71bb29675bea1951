import type { Transfers } from '../transfers/transfers.ts'

/** Files travel at any time, as fast as they can; for tests that are about something else. */
export const openTransfers: Pick<Transfers, 'hold' | 'take' | 'signal' | 'onChange'> = {
  hold: () => null,
  take: () => Promise.resolve(),
  signal: () => new AbortController().signal,
  onChange: () => () => undefined,
}
