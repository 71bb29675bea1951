import type { DesktopApp, ProcessKind } from './driver.ts'

/** Process ids of one kind. */
export async function processesOf(app: Pick<DesktopApp, 'processes'>, kind: ProcessKind): Promise<number[]> {
  return (await app.processes()).flatMap((one) => (one.kind === kind ? [one.pid] : []))
}

/** What Electron's `app.getAppMetrics` says of a process: the name is that which `utilityProcess.fork` was given. */
export interface ProcessMetric {
  pid: number
  type: string
  name?: string
}
export const describeProcesses = (metrics: readonly ProcessMetric[]): { pid: number; kind: ProcessKind }[] =>
  metrics.map(({ pid, type, name }) => ({ pid, kind: kindOf(type, name) }))

function kindOf(type: string, name: string | undefined): ProcessKind {
  if (type === 'Browser') return 'main'
  if (type === 'Tab') return 'page'
  const own = (['runtime', 'gateway', 'store'] as const).find((kind) => name === `pictor-${kind}`)
  return own ?? 'other'
}
