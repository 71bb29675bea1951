/** Under which names a browser keeps the sums that it was told last. */
export const summaryPrefix = 'pictor.summary.'

/** They are their owner's: whoever comes after finds none. */
export function forgetSummaries(): void {
  for (const key of Object.keys(localStorage)) if (key.startsWith(summaryPrefix)) localStorage.removeItem(key)
}
