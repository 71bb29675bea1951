/** Where a one-time secret may stand: behind the hash (never sent to a server), or in the query of older links. */
type Place = Pick<Window, 'location' | 'history'>

/**
 * Takes the one-time sign-in secret out of the address and removes it from address bar and history at once.
 * @returns the secret, or null when the address carries none
 */
export function takeSignInSecret({ location, history }: Place): string | null {
  const address = new URL(location.href)
  const fromHash = /^#\/?\??link=([^&]+)/.exec(address.hash)
  const secret = fromHash?.[1] ?? address.searchParams.get('link')
  if (secret === null || secret === '') return null
  if (fromHash) address.hash = ''
  address.searchParams.delete('link')
  history.replaceState(history.state, '', address.href.replace(/#$/, ''))
  return decodeURIComponent(secret)
}
