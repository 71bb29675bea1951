import { expect, it } from 'vitest'
import { trackStarting } from './trackStarting.ts'

it('tells what is being started, each part until it is up for the first time', () => {
  const told: string[] = []
  const { begin, end } = trackStarting((parts) => told.push(parts.join(' ')))
  begin('runtime')
  begin('store')
  end('store')
  begin('gateway')
  end('runtime')
  // It died and came back meanwhile.
  end('runtime')
  end('gateway')
  expect(told).toEqual(['runtime', 'runtime store', 'runtime', 'runtime gateway', 'gateway', ''])
})
