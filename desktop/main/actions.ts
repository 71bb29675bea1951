import type { ShellSettings } from '#shared/api/shellCalls.ts'

/** What a person can do outside of the page: in the tray's menu and in the menu bar. */
export interface ShellActions {
  /** The window, on this page of the dashboard (`/jobs`) or where it was. */
  open(route?: string): void
  pause(kind: 'now' | 'afterFrame' | 'afterTask', forMs?: number): void
  resume(): void
  /** The worker's process did not stay up. */
  startNode(): void
  change(settings: Partial<ShellSettings>): void
  importConfig(): void
  checkForUpdates(): void
  download(): void
  restart(): void
  diagnostics(): void
  about(): void
  quit(): void
}
