import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs'

export interface RotatingLog {
  /** Appends one line; the end of the line is added. What cannot be written (a full disk) is lost, and nothing else. */
  write(line: string): void
  close(): void
}

export interface LogLimits {
  /** A file that is larger is set aside. */
  fileBytes: number
  /** Older files that are kept: `<path>.1` is the newest of them. */
  olderFiles: number
}

/** 20 MiB for each process, however long it runs. */
export const usualLogLimits: LogLimits = { fileBytes: 5 * 1024 * 1024, olderFiles: 3 }

/** A log of bounded size; only this user may read it. Throws when the file cannot be opened. */
export function openRotatingLog(path: string, { fileBytes, olderFiles }: LogLimits = usualLogLimits): RotatingLog {
  let file = openSync(path, 'a', 0o600)
  let size = statSync(path).size
  let closed = false

  function rotate(): void {
    closeSync(file)
    for (let number = olderFiles; number >= 1; number -= 1) rename(number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`)
    file = openSync(path, 'w', 0o600)
    size = 0
  }
  return {
    write(line) {
      if (closed) return
      const bytes = Buffer.from(`${line}\n`)
      try {
        if (size > 0 && size + bytes.length > fileBytes) rotate()
        size += writeSync(file, bytes)
      } catch {
        // A log that cannot be written must not end what it tells of.
      }
    },
    close() {
      if (closed) return
      closed = true
      closeSync(file)
    },
  }
}

function rename(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
