/** A page that nobody sees paints nothing, and one that is slow to paint may still fetch its data. */
const paintWithinMs = 1_000

/** When the page has painted something: what is not needed for that may be fetched from now on. */
export function firstPaint(): Promise<void> {
  if (document.visibilityState === 'hidden') return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(done, paintWithinMs)
    const observer = new PerformanceObserver((entries) => {
      if (entries.getEntriesByName('first-contentful-paint').length > 0) done()
    })
    observer.observe({ type: 'paint', buffered: true })
    function done(): void {
      clearTimeout(timer)
      observer.disconnect()
      resolve()
    }
  })
}
