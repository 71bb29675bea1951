import type { WorkerStatus } from './status.ts'

/**
 * Every reason a status may carry, by its stable code. Each has a sentence in the words of the dashboard that says what is so and what to
 * do; a test compares the two. A hold's code is the reason of `offline`, a failed check's of `unsupported`.
 */
export const statusReasons = {
  online: ['READY'],
  processing: ['RENDERING'],
  unsupported: [
    'BLENDER_NOT_FOUND',
    'GPU_MISSING',
    'GPU_NOT_USABLE',
    'VRAM_TOO_SMALL',
    'DRIVER_TOO_OLD',
    'COMPUTE_CAPABILITY',
    'RAM_TOO_SMALL',
    'DISK_TOO_SMALL',
  ],
  blocked: ['FOREIGN_GPU_LOAD', 'MINER'],
  terminated: ['CRASH', 'POWER_LOSS', 'SLEEP', 'DRIVER_LOST', 'LEASE_EXPIRED', 'FORCED_UPDATE'],
  offline: [
    'NEVER_STARTED',
    'QUIT',
    'NOT_HEARD',
    'NOT_HEARD_WHILE_RENDERING',
    'PAUSED_HERE',
    'PAUSED_BY_OWNER',
    'SCHEDULE',
    'USER_ACTIVE',
    'FULL_SCREEN',
    'EXCLUDED_APP',
    'CPU_BUSY',
    'GPU_BUSY',
    'ON_BATTERY',
    'METERED',
    'TOO_HOT',
    'DISK_FULL',
    'DISK_LIMIT',
    'REPEATED_FAILURES',
    'UPDATE_WAITS',
    'BENCHMARK',
    'RESTORING',
  ],
} as const satisfies Record<WorkerStatus, readonly string[]>
