import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { SeenProgram } from '#shared/rules/integrity.ts'

const timeoutMs = 20_000
const windowsScript = 'Get-CimInstance Win32_Process | Select-Object ProcessId,ParentProcessId,Name,CommandLine | ConvertTo-Json -Compress'

const windowsSchema = z.array(
  z.object({ ProcessId: z.number(), ParentProcessId: z.number(), Name: z.string(), CommandLine: z.string().nullable() }),
)

interface Listed {
  pid: number
  parent: number
  name: string
  commandLine: string
  busyPercent: number | null
}

/** Programs of Windows and macOS, by the system's own tools. Tested with constructed output; never run on the real systems. */
export function createListedPrograms(platform: NodeJS.Platform = process.platform, ownPid: number = process.pid) {
  const run = async (command: string, args: string[]) =>
    (await promisify(execFile)(command, args, { timeout: timeoutMs, maxBuffer: 32 * 1024 * 1024, windowsHide: true }).catch(() => null))
      ?.stdout ?? ''
  return {
    async look(): Promise<SeenProgram[]> {
      const listed =
        platform === 'win32'
          ? readWindowsProcesses(await run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', windowsScript]))
          : readPs(await run('ps', ['-axww', '-o', 'pid=,ppid=,pcpu=,args=']))
      return withoutOurs(listed, ownPid)
    },
  }
}

export function readWindowsProcesses(text: string): Listed[] {
  try {
    const parsed = windowsSchema.safeParse(JSON.parse(text))
    if (!parsed.success) return []
    return parsed.data.map(({ ProcessId, ParentProcessId, Name, CommandLine }) => ({
      ...{ pid: ProcessId, parent: ParentProcessId, name: Name, commandLine: (CommandLine ?? Name).slice(0, 2_000), busyPercent: null },
    }))
  } catch {
    return []
  }
}

/** `  501   1  12.5 /Applications/Thing.app/Contents/MacOS/Thing --flag` */
export function readPs(text: string): Listed[] {
  return text.split('\n').flatMap((line) => {
    const [, pid, parent, busy, commandLine = ''] = /^\s*(\d+)\s+(\d+)\s+([\d.]+)\s+(.+)$/.exec(line) ?? []
    if (pid === undefined) return []
    const name = (commandLine.split(' ')[0] ?? '').replace(/^.*\//, '')
    return [{ pid: Number(pid), parent: Number(parent), name, commandLine: commandLine.slice(0, 2_000), busyPercent: Number(busy) }]
  })
}

/** Without this process and what descends from it. */
export function withoutOurs(listed: readonly Listed[], ownPid: number): SeenProgram[] {
  const parents = new Map(listed.map(({ pid, parent }) => [pid, parent]))
  const isOurs = (pid: number): boolean => {
    for (let at: number | undefined = pid, depth = 0; at !== undefined && depth < 32; depth++, at = parents.get(at))
      if (at === ownPid) return true
    return false
  }
  return listed.filter(({ pid }) => !isOurs(pid)).map(({ name, commandLine, busyPercent }) => ({ name, commandLine, busyPercent }))
}
