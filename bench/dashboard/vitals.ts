import type { Page } from '@playwright/test'

/** What Lighthouse looks at when a page is opened: its largest paint, how much of it jumped, and for how long it could not answer. */
export interface Vitals {
  /** Since the page was asked for, in ms. */
  largestPaintMs: number
  /** Share of the window, times how far it moved; without what follows an input. */
  layoutShift: number
  /** Of each task of the main thread what is beyond 50 ms, summed, since the first paint. */
  blockedMs: number
}

/** Of the page as it was loaded last, from the browser's own list. */
export const readVitals = (page: Page): Promise<Vitals> =>
  page.evaluate(async () => {
    type Entry = PerformanceEntry & { value?: number; hadRecentInput?: boolean }
    const waitMs = 200
    const entriesOf = (type: string): Promise<Entry[]> =>
      new Promise((resolve) => {
        const found: Entry[] = []
        const observer = new PerformanceObserver((list) => void found.push(...(list.getEntries() as Entry[])))
        observer.observe({ type, buffered: true })
        // Of a type that nothing was noted of the browser never tells.
        setTimeout(() => {
          observer.disconnect()
          resolve(found)
        }, waitMs)
      })
    const firstPaintMs = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0
    const shifts = (await entriesOf('layout-shift')).filter(({ hadRecentInput }) => hadRecentInput !== true)
    const long = (await entriesOf('longtask')).filter(({ startTime, duration }) => startTime + duration > firstPaintMs)
    return {
      largestPaintMs: (await entriesOf('largest-contentful-paint')).at(-1)?.startTime ?? firstPaintMs,
      layoutShift: shifts.reduce((sum, { value }) => sum + (value ?? 0), 0),
      blockedMs: long.reduce((sum, { duration }) => sum + Math.max(0, duration - 50), 0),
    }
  })
