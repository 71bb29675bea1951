import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { cpus } from 'node:os'
import { mayMine, poolPorts, type SeenProgram } from '#shared/rules/integrity.ts'
import { ticksIn } from '../preferences/linux/otherCpu.ts'
import { createSmallFileReader } from '../preferences/linux/smallFiles.ts'

/** The kernel counts in hundredths of a second, whatever the hardware (USER_HZ). */
const ticksPerSecond = 100
const commandLineKept = 2_000

interface Known {
  ticks: number
  atMs: number
}

/** Other people's programs on Linux, from `/proc`: names, command lines, how busy, and for the few that may mine, what they are connected to. */
export function createLinuxPrograms(ownPid: number = process.pid, root = '/proc') {
  let before = new Map<string, Known>()
  const read = createSmallFileReader(8_192)
  const parentOf = (stat: string): string => stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0] ?? '0'
  const nameOf = (stat: string): string => stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
  const isOurs = (pid: string, stats: (pid: string) => string): boolean => {
    for (let at = pid, depth = 0; depth < 32 && at !== '0' && at !== ''; depth++) {
      if (Number(at) === ownPid) return true
      const stat = stats(at)
      if (stat === '') return false
      at = parentOf(stat)
    }
    return false
  }
  /** The remote port of a connection to a pool, among the process's own sockets. */
  const poolPortOf = (pid: string): number | null => {
    const sockets = new Map(['tcp', 'tcp6'].flatMap((name) => [...poolConnections(readWhole(`${root}/${pid}/net/${name}`))]))
    if (sockets.size === 0) return null
    try {
      for (const name of readdirSync(`${root}/${pid}/fd`)) {
        const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`${root}/${pid}/fd/${name}`))?.[1]
        const port = inode === undefined ? undefined : sockets.get(inode)
        if (port !== undefined) return port
      }
    } catch {
      // Another user's: not ours to read.
    }
    return null
  }
  return {
    look(nowMs: number): SeenProgram[] {
      const seen = new Map<string, Known>()
      const programs: SeenProgram[] = []
      const stats = new Map<string, string>()
      const statOf = (pid: string) => {
        const text = stats.get(pid) ?? read(`${root}/${pid}/stat`)
        stats.set(pid, text)
        return text
      }
      for (const pid of readdirSync(root).filter((name) => /^\d+$/.test(name))) {
        const stat = statOf(pid)
        if (stat === '' || isOurs(pid, statOf)) continue
        const now = { ticks: ticksIn(stat), atMs: nowMs }
        seen.set(pid, now)
        const commandLine = read(`${root}/${pid}/cmdline`).replaceAll('\0', ' ').trim().slice(0, commandLineKept)
        // Threads of the kernel have none.
        if (commandLine === '') continue
        const started = commandLine.split(' ')[0]?.replace(/^.*\//, '') ?? ''
        const name = started.startsWith(nameOf(stat)) ? started : nameOf(stat)
        const program: SeenProgram = { name, commandLine, busyPercent: busyBetween(before.get(pid), now) }
        programs.push(mayMine(program) ? { ...program, poolPort: poolPortOf(pid) } : program)
      }
      before = seen
      return programs
    },
    /** `null`: no such process here, or another one than was meant (numbers of another container); its name when it is not ours. */
    ownerOf(pid: number): { ours: boolean; name: string } | null {
      const stat = read(`${root}/${pid}/stat`)
      if (stat === '') return null
      return { ours: isOurs(String(pid), (one) => read(`${root}/${one}/stat`)), name: nameOf(stat) }
    },
  }
}

/** Percent of one core, at most of all; null at the first look. */
function busyBetween(before: Known | undefined, now: Known): number | null {
  if (before === undefined || now.atMs <= before.atMs) return null
  const percent = ((now.ticks - before.ticks) / ticksPerSecond / ((now.atMs - before.atMs) / 1_000)) * 100
  return Math.min(cpus().length * 100, Math.max(0, percent))
}

const established = '01'

/**
 * Lines such as `0: 0100007F:1F90 0200A8C0:0D05 01 … uid timeout inode` of `/proc/net/tcp`: inode and remote port of what is connected to a
 * pool's port elsewhere. Connections within this computer are none.
 */
export function poolConnections(text: string): Map<string, number> {
  const found = new Map<string, number>()
  for (const line of text.split('\n')) {
    const cells = line.trim().split(/\s+/)
    const [address = '', port = ''] = (cells[2] ?? '').split(':')
    const inode = cells[9]
    const number = Number.parseInt(port, 16)
    if (cells[3] !== established || inode === undefined || !poolPorts.has(number)) continue
    if (address.endsWith('7F') && address.length === 8) continue
    if (/^0{24}01000000$|^0{16}FFFF0000.{6}7F$/i.test(address)) continue
    found.set(inode, number)
  }
  return found
}

/** All connections of a computer: hundreds of lines on a busy one. Read only for the few programs of which a port decides. */
function readWhole(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
