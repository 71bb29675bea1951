import { readFileSync } from 'node:fs'
import { descendants } from '../../desktop/launch/processTree.ts'

/** Process ids of the bundle `out/node/<name>.js` below a process. */
export function findProcesses(parent: number, name: 'runtime' | 'gateway' | 'store'): number[] {
  return descendants(parent).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`node/${name}.js`)
    } catch {
      // It ended meanwhile.
      return false
    }
  })
}
