import type { ProcessName } from './launcher.ts'

/**
 * What the JavaScript engine is told in each process.
 *
 * Gateway: the engine lets garbage pile up in proportion to its limit: 40,000 pushed documents left 30 MB of heap alive and 300 to 430 MB
 * resident under the limit it takes from the computer's memory, 210 MB under this one.
 *
 * Runtime: a small young generation keeps a process at rest small; it costs a few more collections while much is going on. The last tier of the
 * compiler stays out: its first use, for a path that is joined once a second, touches 5 MB of the engine's own code, while what a node computes
 * itself (checking an EXR of 1920 x 1080 takes 0.22 s in place of 0.15) is little beside a render.
 */
export const engineFlags: Record<ProcessName, readonly string[]> = {
  store: ['--no-warnings', '--max-semi-space-size=16', '--max-old-space-size=512'],
  gateway: ['--no-warnings', '--min-semi-space-size=16', '--max-semi-space-size=16', '--max-old-space-size=1024'],
  runtime: ['--no-warnings', '--max-semi-space-size=1', '--no-turbofan'],
}
