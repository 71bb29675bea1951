import { descendants } from '../../../desktop/launch/processTree.ts'
import { commandLine } from '../../support/commandLine.ts'
import { utilityNames } from './utilityProcess.ts'

interface Metric {
  pid: number
  type: 'Browser' | 'Tab' | 'Utility'
  name?: string
}

/** As Electron's own: this process, the utility processes under the names they were given, and Chromium's. What those started is not among them. */
export function appMetrics(): Metric[] {
  const metrics: Metric[] = [{ pid: process.pid, type: 'Browser' }]
  for (const [pid, name] of utilityNames) metrics.push({ pid, type: 'Utility', name })
  for (const pid of descendants(process.pid)) {
    const line = commandLine(pid)
    if (line.includes('--type=renderer') && !line.includes('--extension-process')) metrics.push({ pid, type: 'Tab' })
    else if (/--(type|user-data-dir)=/.test(line)) metrics.push({ pid, type: 'Utility' })
  }
  return metrics
}
