import type { FromChild, ToChild } from '#shared/processes/childProcess.ts'

/** The processes of one computer, each a bundle in `out/node`. */
export type ProcessName = 'store' | 'gateway' | 'runtime'

export interface LaunchSpec {
  name: ProcessName
  /** Absolute path of the bundle. */
  script: string
  /** Flags of the JavaScript engine, e.g. to keep an idle process small. */
  engineFlags: readonly string[]
  environment: Readonly<Record<string, string>>
  /** What the process prints (its log) is kept in this file and older ones beside it; see logs/processLog.ts. */
  logFile: string
  /** Told of each line too. */
  onLogLine?: ((line: string) => void) | undefined
}

export type ExitReason = { code: number | null; signal: string | null }

/** A started process. Its handlers are called until it has ended. */
export interface ProcessHandle {
  pid: number | undefined
  /** `ports`: message ports that travel along, where the launcher can (Electron). */
  send(message: ToChild, ports?: readonly unknown[]): void
  onMessage(handler: (message: FromChild) => void): void
  /** Called once, also when the process could not be started at all. */
  onExit(handler: (reason: ExitReason) => void): void
  /** Ends the process and everything it started, at once. */
  killTree(): void
}

/** The one seam through which processes are started: fork in Node, utilityProcess in Electron (whose fuses forbid fork). */
export interface ProcessLauncher {
  launch(spec: LaunchSpec): ProcessHandle
  /**
   * How a process that was launched starts the upscaler, where its own program is no Node: the command with what stands before the path of a
   * configuration. Absent: it starts Node itself.
   */
  upscaler?: { command: string; args: string[] }
}
