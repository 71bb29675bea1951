import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/**
 * Ends a process and all its descendants at once. Descendants are found by parenthood, not by process group: Blender and the
 * store run in groups of their own. Best effort: what has already ended is no error.
 */
export function killTree(pid: number): void {
  if (process.platform === 'win32') {
    try {
      execFileSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore' })
    } catch {
      // It had ended already.
    }
    return
  }
  // Collected before the first signal: orphans would be adopted by init and lose their parent.
  for (const victim of [pid, ...descendants(pid)]) {
    try {
      process.kill(victim, 'SIGKILL')
    } catch {
      // It had ended already.
    }
  }
}

/** Every living descendant of `pid`, children first. */
export function descendants(pid: number): number[] {
  const childrenOf = new Map<number, number[]>()
  for (const [child, parent] of parents()) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), child])
  const found: number[] = []
  for (let next = childrenOf.get(pid) ?? []; next.length > 0; next = next.flatMap((one) => childrenOf.get(one) ?? [])) found.push(...next)
  return found
}

function parents(): [child: number, parent: number][] {
  return process.platform === 'linux' ? parentsFromProc() : parentsFromPs()
}

function parentsFromProc(): [number, number][] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name): [number, number][] => {
      try {
        // pid (name may hold spaces and brackets) state ppid …
        const text = readFileSync(`/proc/${name}/stat`, 'utf8')
        const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
        return fields[0] === 'Z' ? [] : [[Number(name), Number(fields[1])]]
      } catch {
        // It ended while we looked.
        return []
      }
    })
}

function parentsFromPs(): [number, number][] {
  const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([child, parent]) => [child ?? 0, parent ?? 0])
}
