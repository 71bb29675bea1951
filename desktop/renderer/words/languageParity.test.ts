import { describe, expect, it } from 'vitest'
import { enMachine } from './en.machine.ts'
import { esMachine } from './es.machine.ts'
import { viMachine } from './vi.machine.ts'
import { zhMachine } from './zh.machine.ts'
import { differences } from './differences.ts'

describe('words about the machine', () => {
  it.each(Object.entries({ esMachine, viMachine, zhMachine }))('%s has the keys and placeholders of English', (_name, words) => {
    expect(differences(enMachine, words)).toEqual([])
  })
})
