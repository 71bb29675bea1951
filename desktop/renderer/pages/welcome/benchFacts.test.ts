import { expect, it } from 'vitest'
import { benchFacts } from './benchFacts.ts'

it.each([
  [null, { name: 'unasked' }],
  [{}, { name: 'unasked' }],
  [{ benchmark: 7 }, { name: 'unasked' }],
  [{ benchWork: { state: 'waiting', since: 1 } }, { name: 'waiting' }],
  [{ benchWork: { state: 'running', since: 1 }, benchmark: { at: 1, devices: [] } }, { name: 'running' }],
  [
    { benchmark: { at: 1, devices: [{ device: 'cpu', name: 'EPYC', score: 12, more: 1 }] } },
    { name: 'done', devices: [{ device: 'cpu', name: 'EPYC', score: 12 }] },
  ],
])('%j', (node, facts) => expect(benchFacts(node)).toEqual(facts))
