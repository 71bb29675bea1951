import { inject, shallowRef, type InjectionKey, type ShallowRef } from 'vue'
import type { ShellAnswers, ShellCallInput, ShellCallName, ShellEvent, ShellState } from '#shared/api/shellCalls.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, type Result } from '#shared/result.ts'

/** What the preload script of the desktop window gives its page (desktop/preload). */
interface ShellBridge {
  call(name: string, input: unknown): Promise<unknown>
  onEvent(listener: (value: unknown) => void): () => void
}
declare global {
  interface Window {
    pictorShell?: ShellBridge
  }
}

/** The page's link to the shell of the desktop app: tray, updates, settings of this app. */
export interface ShellLink {
  /** Null until the shell has answered. */
  state: Readonly<ShallowRef<ShellState | null>>
  call<Name extends ShellCallName>(name: Name, input: ShellCallInput<Name>): Promise<Result<ShellAnswers[Name]>>
  stop(): void
}

/** Undefined in a browser. */
export const shellKey: InjectionKey<ShellLink | undefined> = Symbol('shell')
export const useShell = (): ShellLink | undefined => inject(shellKey, undefined)

/** @param go the menu of the app leads to a page */
export function createShellLink(bridge: ShellBridge, go: (route: string) => void): ShellLink {
  const state = shallowRef<ShellState | null>(null)
  const call: ShellLink['call'] = async (name, input) => {
    try {
      // Safe: shell and page are of one build; the shell answers as its contract says.
      return (await bridge.call(name, input)) as Result<never>
    } catch (error) {
      return err(appError('UNEXPECTED', { reason: error instanceof Error ? error.message : String(error) }))
    }
  }
  const stop = bridge.onEvent((value) => {
    const event = value as ShellEvent
    if (event.kind === 'state') state.value = event.state
    else go(event.route)
  })
  void call('shell.get', {}).then((answer) => {
    if (answer.ok) state.value ??= answer.value
  })
  return { state, call, stop }
}
