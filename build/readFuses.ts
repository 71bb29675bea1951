import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { fuses } from './fuses.ts'

/** The fuses of a packed app's program that are not as build/fuses.ts decides; `instead`: what was decided otherwise for this one. */
export async function wrongFuses(program: string, instead: Partial<typeof fuses> = {}): Promise<string[]> {
  const wire = (await getCurrentFuseWire(program)) as unknown as Record<string, number>
  const isOn = (name: string) => wire[FuseV1Options[name as keyof typeof FuseV1Options]] === '1'.charCodeAt(0)
  return Object.entries({ ...fuses, ...instead }).flatMap(([name, decided]) => (isOn(name) === decided ? [] : [name]))
}
