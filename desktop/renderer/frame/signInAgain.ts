/** A page that starts anew asks who it is for. */
export const signInAgain = (): void => location.reload()

/** Errors that end by signing in. */
export const endsBySigningIn = (code: string): boolean => code === 'NOT_SIGNED_IN' || code === 'NOT_ALLOWED'
