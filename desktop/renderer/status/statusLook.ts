import type { WorkerStatus } from '#shared/rules/status.ts'

/** Reasons for which a worker is offline although nobody holds it back: it was simply not heard. */
const notHeard = new Set(['NOT_HEARD', 'NOT_HEARD_WHILE_RENDERING', 'NEVER_STARTED', 'QUIT'])

export interface StatusLook {
  icon: string
  colour: string
}

/** The icon and colour of a status; Offline looks different when it is held back and when it was not heard. */
export function statusLook(status: WorkerStatus, code: string): StatusLook {
  switch (status) {
    case 'online':
      return { icon: 'i-lucide-circle-dot', colour: 'var(--state-online)' }
    case 'processing':
      return { icon: 'i-lucide-loader-circle', colour: 'var(--state-processing)' }
    case 'offline':
      return { icon: notHeard.has(code) ? 'i-lucide-unplug' : 'i-lucide-pause', colour: 'var(--state-quiet)' }
    case 'blocked':
      return { icon: 'i-lucide-shield-alert', colour: 'var(--state-blocked)' }
    case 'unsupported':
      return { icon: 'i-lucide-wrench', colour: 'var(--state-unsupported)' }
    case 'terminated':
      return { icon: 'i-lucide-zap', colour: 'var(--state-terminated)' }
  }
}

/** A worker that wants its owner: something is broken or was lost. A pause the owner chose is not. */
export function needsAttention(status: WorkerStatus, code: string): boolean {
  if (status === 'blocked' || status === 'unsupported' || status === 'terminated') return true
  return (
    status === 'offline' && (code === 'NOT_HEARD' || code === 'NOT_HEARD_WHILE_RENDERING' || code === 'DISK_FULL' || code === 'TOO_HOT')
  )
}

/** What wants attention first comes first. */
export const attentionOrder: Record<WorkerStatus, number> = {
  blocked: 0,
  unsupported: 1,
  terminated: 2,
  offline: 3,
  processing: 4,
  online: 5,
}
