import type { JsonObject } from './json.ts'

/** The one way to log. Made by each process's composition root (pino behind it); never given a secret. */
export interface Logger {
  debug(message: string, facts?: JsonObject): void
  info(message: string, facts?: JsonObject): void
  warn(message: string, facts?: JsonObject): void
  error(message: string, facts?: JsonObject): void
  child(part: string): Logger
}

/** Time, injected so that rules and protocols can be tested without waiting. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  now(): number
  /** Never jumps; milliseconds from an arbitrary start. */
  monotonicMs(): number
  /** Calls back once after the delay; the returned function cancels. */
  after(delayMs: number, callback: () => void): () => void
}
