type Handler = (event: never, ...args: unknown[]) => unknown
export const invokeHandlers = new Map<string, (event: object, ...args: unknown[]) => unknown>()

export const hostIpcMain = {
  handle(channel: string, handler: Handler): void {
    if (invokeHandlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
    invokeHandlers.set(channel, handler as never)
  },
  removeHandler: (channel: string): void => void invokeHandlers.delete(channel),
}
