import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { Clock, Logger } from '#shared/log.ts'
import { programName } from '#shared/rules/preferenceHolds.ts'
import { nothingKnown, type MachineProbes, type Mean, type ProbedFacts } from './probes.ts'

const restartAfterMs = 30_000

/**
 * One PowerShell that prints a line of JSON every 1.5 s: Windows tells idle time, the window in front and the battery only through its own
 * functions, and starting a program for each question would cost more than it is worth. It ends with its standard input.
 */
const script = String.raw`
$ErrorActionPreference = 'Stop'
Add-Type -TypeDefinition @'
using System; using System.Runtime.InteropServices;
public static class Pictor {
  [StructLayout(LayoutKind.Sequential)] struct LASTINPUTINFO { public uint cbSize; public uint dwTime; }
  [StructLayout(LayoutKind.Sequential)] struct RECT { public int Left, Top, Right, Bottom; }
  [DllImport("user32.dll")] static extern bool GetLastInputInfo(ref LASTINPUTINFO info);
  [DllImport("user32.dll")] static extern IntPtr GetForegroundWindow();
  [DllImport("user32.dll")] static extern bool GetWindowRect(IntPtr window, out RECT rect);
  [DllImport("user32.dll")] static extern int GetSystemMetrics(int index);
  [DllImport("user32.dll")] static extern IntPtr GetShellWindow();
  public static uint Idle() { var info = new LASTINPUTINFO(); info.cbSize = 8; GetLastInputInfo(ref info); return unchecked((uint)Environment.TickCount - info.dwTime); }
  public static bool Full() { var window = GetForegroundWindow(); RECT rect; if (window == IntPtr.Zero || window == GetShellWindow()) return false; GetWindowRect(window, out rect); return rect.Left <= 0 && rect.Top <= 0 && rect.Right >= GetSystemMetrics(0) && rect.Bottom >= GetSystemMetrics(1); }
}
'@
Add-Type -AssemblyName System.Windows.Forms
while ($true) {
  $power = [System.Windows.Forms.SystemInformation]::PowerStatus
  $battery = if ($power.BatteryChargeStatus -band 128) { $null } else { $power.PowerLineStatus -eq 'Offline' }
  $names = @(Get-Process | ForEach-Object { $_.ProcessName } | Sort-Object -Unique)
  [Console]::Out.WriteLine((ConvertTo-Json -Compress @{ idleMs = [Pictor]::Idle(); fullScreen = [Pictor]::Full(); onBattery = $battery; programs = $names }))
  Start-Sleep -Milliseconds 1500
}
`

const lineSchema = z.object({
  idleMs: z.number(),
  fullScreen: z.boolean(),
  onBattery: z.boolean().nullable(),
  programs: z.array(z.string()),
})

/** One line of the script; null for anything else. */
export function readWindowsLine(line: string): Omit<ProbedFacts, 'otherCpuPercent' | 'metered'> | null {
  try {
    const parsed = lineSchema.safeParse(JSON.parse(line))
    return parsed.success ? { ...parsed.data, programs: new Set(parsed.data.programs.map(programName)) } : null
  } catch {
    return null
  }
}

/** Written after Microsoft's documentation and tested with constructed output; never run on Windows. A service sees no user's session. */
export function createWindowsProbes({ clock, log }: { clock: Clock; log: Logger }): MachineProbes {
  let child: ChildProcess | null = null
  let startedAtMs = -Infinity
  let newest: Omit<ProbedFacts, 'otherCpuPercent' | 'metered'> | null = null
  const start = () => {
    startedAtMs = clock.monotonicMs()
    const encoded = Buffer.from(script, 'utf16le').toString('base64')
    const mine = spawn('powershell.exe', ['-NoProfile', '-NonInteractive', '-EncodedCommand', encoded], {
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    })
    child = mine
    mine.on('error', (error) => log.warn('this computer cannot be asked whether it is used', { reason: error.message }))
    mine.on('close', () => {
      if (child === mine) child = newest = null
    })
    createInterface({ input: mine.stdout }).on('line', (line) => (newest = readWindowsLine(line) ?? newest))
  }
  return {
    async look(needed) {
      const wanted = needed.idle || needed.fullScreen || needed.battery || needed.programs
      if (wanted && child === null && clock.monotonicMs() - startedAtMs >= restartAfterMs) start()
      await Promise.resolve()
      return { ...nothingKnown, ...newest }
    },
    means: () => Promise.resolve(means),
    stop() {
      const old = child
      child = null
      old?.kill()
    },
  }
}

const means: Mean[] = [
  { fact: 'idle', how: 'GetLastInputInfo', state: 'unverified' },
  { fact: 'fullScreen', how: 'GetForegroundWindow', state: 'unverified' },
  { fact: 'programs', how: 'Get-Process', state: 'unverified' },
  { fact: 'cpu', how: '', state: 'missing' },
  { fact: 'battery', how: 'PowerStatus', state: 'unverified' },
  { fact: 'metered', how: '', state: 'missing' },
]
