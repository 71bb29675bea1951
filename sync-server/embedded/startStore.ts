import type { CouchTarget } from '../store/couchTarget.ts'

/** A running store. Whoever started it starts it again when it dies. */
export interface RunningStore {
  /** With a port and a password of its own after each start; null while it is not up. */
  target: () => CouchTarget | null
  stop(): Promise<void>
}

/**
 * The one seam by which the store of a folder is started. The gateway starts no processes: whoever started the gateway does (desktop/launch), because
 * in the packaged app only the shell can. Rejects with AppErrorException: DATA_FOLDER_IN_USE, DISK_FULL, PROCESS_FAILED…
 */
export type StartStore = (folder: string) => Promise<RunningStore>
