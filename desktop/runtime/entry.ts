export { startRuntime, type RunningRuntime } from './runtime.ts'
export { processOptionsSchema, type ProcessOptions, type RuntimeOptions } from './options.ts'
export { createRuntimeLog } from './runtimeLog.ts'
export { systemClock } from './systemClock.ts'
