import type { Page } from '@playwright/test'

/** Is it the app's window: `pictor-app://dashboard/…`, or what stands for it on the Chromium host. */
export const isDashboard = (page: Page): boolean => !page.isClosed() && /^[a-z-]+:\/\/dashboard[./]/.test(page.url())
