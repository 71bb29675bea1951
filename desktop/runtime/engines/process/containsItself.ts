/** Snap and flatpak bring a containment of their own. */
export const containsItself = (command: string): boolean => /^\/snap\/|\/flatpak\//.test(command)
